import RucheCore
import RucheHost
import SystemPackage

/// The command line of a container engine.
struct EngineTool: Sendable {
    let program: String
    let runner: any CommandRunning
    let environment: [String: String]

    /// Runs it and returns what it wrote. Throws `engine_unavailable` with its own words when it fails, unless it may.
    @discardableResult
    func call(_ arguments: [String], mayFail: Bool = false) async throws -> String {
        let result = try await runner.run(Command(program, arguments, environment: environment), onLine: nil)
        guard result.status.isSuccess || mayFail else {
            let reason = result.errorTail.split(separator: "\n").suffix(3).joined(separator: "; ")
            throw RucheError(
                .engineUnavailable,
                "\"\(program) \(arguments.first ?? "")\" ended with \(result.status.shellCode): \(reason)",
                details: ["tool": program])
        }
        return result.output
    }

    /// Runs it with the streams of a command in a workbench.
    func run(_ arguments: [String], _ streams: WorkbenchCommand.Streams) async throws -> ExitStatus {
        var command = Command(program, arguments, environment: environment)
        switch streams {
        case .inherited: command.output = .inherited
        case .files(let input, let output, let errors):
            var files: [Int32: Command.File] = [1: .write(output), 2: .write(errors)]
            files[0] = input.map { .read($0) }
            command.output = .files(files)
        case .lines(let onLine): return try await runner.run(command, onLine: onLine).status
        }
        return try await runner.run(command, onLine: nil).status
    }
}
