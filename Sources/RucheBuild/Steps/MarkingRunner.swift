import RucheHost
import SystemPackage

/// Runs programs with the folder of their build in their environment, so that the next start finds those that
/// a killed build left.
struct MarkingRunner: CommandRunning {
    let runner: any CommandRunning
    let folder: FilePath

    func run(_ command: Command, onLine: (@Sendable (OutputLine) -> Void)?) async throws -> CommandResult {
        var command = command
        command.environment[Workspace.mark] = folder.string
        return try await runner.run(command, onLine: onLine)
    }
}
