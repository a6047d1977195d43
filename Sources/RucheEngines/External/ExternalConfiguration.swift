package import RucheCore
import RucheHost

/// How the operator's own program is started and talked with.
package struct ExternalConfiguration: Sendable {
    package var name: String
    /// The program and its arguments.
    package var command: [String]
    package var environment: [String: String]
    /// How long an answer may take; making an image ready may take ten times as long.
    package var timeout: Duration
    package var consoleLogLimit: ByteCount

    /// Bytes of one line in either direction.
    package static let lineLimit = 1 << 20

    package init(
        name: String, command: [String], environment: [String: String] = [:], timeout: Duration = .seconds(60),
        consoleLogLimit: ByteCount = ByteCount(256 << 20)
    ) {
        self.name = name
        self.command = command
        self.environment = environment
        self.timeout = timeout
        self.consoleLogLimit = consoleLogLimit
    }

    package init(_ settings: EngineSettings, _ context: EngineContext) {
        self.init(
            name: settings.name, command: settings.list("command") ?? [],
            environment: settings.map("environment") ?? [:],
            timeout: .seconds(settings.integer("timeout") ?? 60), consoleLogLimit: context.consoleLogLimit)
    }

    var program: Command {
        Command(command.first ?? "", Array(command.dropFirst()), environment: environment)
    }
}
