/// Thrown by who reads a streamed answer and wants no more of it.
package struct EngineStreamEnd: Error {
    package init() {}
}
