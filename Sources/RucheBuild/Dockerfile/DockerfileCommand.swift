import RucheCore
import RucheHost

/// One command of a builder, within a time.
enum DockerfileCommand {
    /// Throws `build_failed` with the end of what it said, `timed_out`.
    static func run(
        _ command: Command, _ runner: any CommandRunning, seconds: Int,
        _ onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws -> CommandResult {
        let result = try await withThrowingTaskGroup(of: CommandResult?.self) { group in
            group.addTask { try await runner.run(command, onLine: onLine) }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let first else {
                throw RucheError(.timedOut, "the build of the Dockerfile took more than \(seconds) s, the limit here")
            }
            return first
        }
        guard result.status.isSuccess else {
            let said = result.errorTail.split(separator: "\n").suffix(6).joined(separator: "\n")
            throw RucheError(
                .buildFailed,
                "the build of the Dockerfile failed: the builder ended with \(result.status.shellCode)\n\(said)")
        }
        return result
    }
}
