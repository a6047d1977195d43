import Logging
import RucheCore

/// Where messages of the program itself go: standard error, so that results stay alone on standard output.
enum Logs {
    private static let variable = "RUCHE_LOG"

    /// To be called once in a process. A server tells what it does; a command only what went wrong. `RUCHE_LOG`
    /// changes it. Throws `invalid_input` for a level that does not exist.
    static func start(isServer: Bool, _ environment: ProcessEnvironment) throws {
        let level = try level(environment[variable], standard: isServer ? .info : .warning)
        LoggingSystem.bootstrap { label in
            // What the libraries below have to say is for who writes them.
            guard label.hasPrefix("ruche") else { return SwiftLogNoOpLogHandler() }
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }

    static func level(_ text: String?, standard: Logger.Level) throws -> Logger.Level {
        guard let text else { return standard }
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            let allowed = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw RucheError(.invalidInput, "\(variable) is \"\(text)\": use one of \(allowed)")
        }
        return level
    }
}
