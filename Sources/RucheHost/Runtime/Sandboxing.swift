/// Runs one program in a container in the foreground: what build steps use.
package protocol Sandboxing: Sendable {
    /// Runs to the end and returns how the program ended. The container is gone when this returns or
    /// throws, and cancelling the task kills it. `id` is unique on the machine.
    func run(
        id: String, _ spec: SandboxSpec, onLine: (@Sendable (OutputLine) -> Void)?
    ) async throws -> ExitStatus

    /// Ends and removes what a process that died left. Call it at start, while nothing runs here.
    func reconcile() async throws
}
