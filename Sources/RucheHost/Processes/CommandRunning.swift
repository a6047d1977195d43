/// The one seam to other programs. Tests replace it; everything else uses `SystemCommandRunner`.
package protocol CommandRunning: Sendable {
    /// Runs `command` to its end and returns how it ended, a non-zero status included.
    ///
    /// `onLine` is called in order for each line as it comes, from both streams; the process waits while
    /// it runs. Cancelling the task sends TERM to the process group, KILL after five seconds, and throws
    /// `CancellationError`. A program that does not exist throws `missing_tool` with the Debian package
    /// that has it.
    func run(_ command: Command, onLine: (@Sendable (OutputLine) -> Void)?) async throws -> CommandResult
}

extension CommandRunning {
    /// Runs `command` and throws `ProcessFailure` unless it exits with 0.
    @discardableResult
    package func runChecked(
        _ command: Command, onLine: (@Sendable (OutputLine) -> Void)? = nil
    ) async throws -> CommandResult {
        let result = try await run(command, onLine: onLine)
        guard result.status.isSuccess else {
            throw ProcessFailure(command: command, status: result.status, errorTail: result.errorTail)
        }
        return result
    }
}

/// A program that ended with anything but 0. Arguments are not kept: they may hold what nobody should read.
package struct ProcessFailure: Error, CustomStringConvertible {
    package let executable: String
    package let status: ExitStatus
    package let errorTail: String

    package init(command: Command, status: ExitStatus, errorTail: String) {
        executable = command.executable
        self.status = status
        self.errorTail = errorTail
    }

    package var description: String {
        let end =
            switch status {
            case .exited(let code): "exited with \(code)"
            case .signalled(let signal): "was ended by signal \(signal)"
            }
        return "\(executable) \(end)" + (errorTail.isEmpty ? "" : ": \(errorTail)")
    }
}
