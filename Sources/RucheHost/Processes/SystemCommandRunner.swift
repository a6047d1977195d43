import RucheCore
import Subprocess
import Synchronization
import SystemPackage

/// Runs programs of this machine with swift-subprocess, each in its own session.
package struct SystemCommandRunner: CommandRunning {
    /// Bytes of standard output kept in `CommandResult.output`.
    package static let captureLimit = 16 << 20

    package init() {}

    package func run(_ command: Command, onLine: (@Sendable (OutputLine) -> Void)?) async throws -> CommandResult {
        guard let path = Tool.find(command.executable) else { throw Tool.missing(command.executable) }
        var environment = command.environment
        environment["PATH"] = environment["PATH"] ?? Tool.searchPath
        environment["LC_ALL"] = environment["LC_ALL"] ?? "C.UTF-8"
        switch command.output {
        case .files(let files):
            let process = try SpawnedProcess(path, command, environment, files)
            return CommandResult(status: try await process.end(), output: "", errorTail: "")
        case .inherited:
            let process = try SpawnedProcess(path, command, environment, nil)
            return CommandResult(status: try await process.end(), output: "", errorTail: "")
        case .captured: break
        }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(5))]
        let capture = Capture(returnsEndLines: command.returnsEndLines, onLine: onLine)
        let configuration = Subprocess.Configuration(
            executable: .path(FilePath(path)), arguments: Arguments(command.arguments),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
            ),
            workingDirectory: command.workingDirectory, platformOptions: options)
        let status = try await execute(configuration, command.input, capture)
        try Task.checkCancellation()
        return capture.result(status)
    }

    private func execute(
        _ configuration: Subprocess.Configuration, _ input: Command.Input, _ capture: Capture
    ) async throws -> TerminationStatus {
        switch input {
        case .none:
            let result = try await Subprocess.run(configuration, input: .none, output: .sequence, error: .sequence) {
                try await capture.drain($0.standardOutput, $0.standardError)
            }
            return result.terminationStatus
        case .bytes(let bytes):
            let result = try await Subprocess.run(
                configuration, input: .array(bytes), output: .sequence, error: .sequence
            ) {
                try await capture.drain($0.standardOutput, $0.standardError)
            }
            return result.terminationStatus
        }
    }
}
