package import RucheHost
package import SystemPackage

/// A working container of a developer: what a pipeline is put together in.
package protocol Workbench: Sendable {
    var record: WorkbenchRecord { get }

    /// Makes it from an image in the form that its kind takes. Throws, and leaves nothing behind.
    func create(from base: FilePath) async throws

    /// Runs a program to its end. Throws `engine_unavailable` when it could not be started.
    func run(_ command: WorkbenchCommand) async throws -> ExitStatus

    /// Calls `body` with the layers of its root, topmost first, good only during the call. Nothing else may use the
    /// workbench meanwhile: throws `in_use` when something does.
    func withRoot<Result: Sendable>(_ body: ([FilePath]) async throws -> Result) async throws -> Result

    /// Throws `in_use` while a command runs in it and that can be told.
    func requireIdle() async throws

    /// Removes what the engine holds of it; what is gone already is no error.
    func remove() async throws
}
