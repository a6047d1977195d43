import Foundation
import Glibc
import RucheClient
import RucheCore

/// What a command gets to work with; tests make their own.
struct CommandContext: Sendable {
    var settings: Settings
    var environment: ProcessEnvironment
    var output: Output
    var interrupts: Interrupts
    var connection: any Connecting
    /// Milliseconds since 1970.
    var now: @Sendable () -> Int64

    /// Whether paths of this machine mean the same to the server.
    var isLocal: Bool { settings.server?.isLocal ?? true }

    static func make(_ global: GlobalOptions, serving: any Serving) throws -> CommandContext {
        let environment = ProcessEnvironment.current()
        let settings = try Settings(
            flags: global.flags, environment: environment, files: try Settings.files(environment))
        let output = Self.output(global, environment)
        let connection: any Connecting
        if let server = settings.server {
            connection = RemoteConnection(
                address: server, token: server.isLocal ? nil : try token(server, settings, environment),
                authorities: try settings.authorities())
        } else {
            connection = LocalConnection(options: ServingOptions(settings: settings), serving: serving, output: output)
        }
        return CommandContext(
            settings: settings, environment: environment, output: output, interrupts: Interrupts(),
            connection: connection, now: { Int64(Date().timeIntervalSince1970 * 1000) })
    }

    /// One that was named for this command, else the one of "ruche login".
    private static func token(
        _ server: ServerAddress, _ settings: Settings, _ environment: ProcessEnvironment
    ) throws -> String? {
        if let token = try settings.token() { return token }
        return try StoredToken(server, environment)?.read()
    }

    static func output(_ global: GlobalOptions, _ environment: ProcessEnvironment) -> Output {
        Output(
            format: global.format,
            results: .of(descriptor: STDOUT_FILENO, environment: environment, noColour: global.noColor),
            progress: .of(descriptor: STDERR_FILENO, environment: environment, noColour: global.noColor),
            writeResult: { StandardStream.write($0, to: STDOUT_FILENO) },
            writeProgress: { StandardStream.write($0, to: STDERR_FILENO) })
    }

    func withClient<Result: Sendable>(
        _ body: @escaping @Sendable (APIClient) async throws -> Result
    ) async throws -> Result {
        try await connection.withClient(body)
    }
}
