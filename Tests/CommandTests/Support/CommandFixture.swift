import RucheClient
import RucheCore
import RucheHost
import Synchronization
import SystemPackage

@testable import ruche

/// What a command wrote.
final class Captured: Sendable {
    private let state = Mutex((results: "", progress: ""))
    var results: String { state.withLock { $0.results } }
    var progress: String { state.withLock { $0.progress } }
    func addResult(_ text: String) { state.withLock { $0.results += text } }
    func addProgress(_ text: String) { state.withLock { $0.progress += text } }
}

/// Commands in this process, with their output caught and a connection of the test.
enum CommandFixture {
    static let now: Int64 = 1_700_000_000_000

    static func output(_ captured: Captured, _ format: Output.Format = .text) -> Output {
        Output(
            format: format, writeResult: { captured.addResult($0) }, writeProgress: { captured.addProgress($0) })
    }

    static func context(
        _ captured: Captured, format: Output.Format = .text, connection: any Connecting = NoConnection(),
        folder: FilePath = "/nonexistent"
    ) throws -> CommandContext {
        let environment = ProcessEnvironment(
            values: ["RUCHE_DATA": folder.appending("data").string], isRoot: false, workingDirectory: folder)
        return CommandContext(
            settings: try Settings(flags: [:], environment: environment, files: []), environment: environment,
            output: output(captured, format), interrupts: Interrupts(), connection: connection, now: { now })
    }
}

/// A connection that no command of the test may use.
struct NoConnection: Connecting {
    func withClient<Result: Sendable>(
        _ body: @escaping @Sendable (APIClient) async throws -> Result
    ) async throws -> Result {
        throw RucheError(.internalError, "this command must not ask a server")
    }
}
