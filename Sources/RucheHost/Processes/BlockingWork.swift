import NIOPosix

/// Calls that block their thread: on threads of their own, so that tasks never wait for them.
package enum BlockingWork {
    package static func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}
