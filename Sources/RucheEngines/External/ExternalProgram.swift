import Logging
import RucheCore
import RucheHost
import Synchronization

/// The operator's program: started when it is first needed and again after it ended, at most once a second.
actor ExternalProgram {
    /// What the program said of itself; empty before its first start.
    final class Traits: Sendable {
        private struct Values {
            var capabilities: EngineCapabilities = []
            var tellsExits = false
            var wantsArchives = false
        }
        private let values = Mutex(Values())

        var capabilities: EngineCapabilities { values.withLock { $0.capabilities } }
        var tellsExits: Bool { values.withLock { $0.tellsExits } }
        var wantsArchives: Bool { values.withLock { $0.wantsArchives } }

        fileprivate func take(_ welcome: ExternalMessages.Welcome) {
            values.withLock {
                $0.capabilities = EngineCapabilities(names: welcome.capabilities)
                    // Its protocol has nothing for what serves.
                    .subtracting(.services)
                $0.tellsExits = welcome.events?.contains("exited") ?? false
                $0.wantsArchives = welcome.image == "archive"
            }
        }
    }

    private static let pause = Duration.seconds(1)

    nonisolated let traits = Traits()
    nonisolated let exits = ExternalExits()
    private let configuration: ExternalConfiguration
    private let hello: ExternalMessages.Hello
    private let logger: Logger
    private var connection: ExternalConnection?
    private var opening: Task<ExternalConnection, any Error>?
    private var lastStart: ContinuousClock.Instant?

    init(_ configuration: ExternalConfiguration, data: String) {
        self.configuration = configuration
        hello = ExternalMessages.Hello(
            engine: configuration.name, data: data, consoleLogLimit: configuration.consoleLogLimit.bytes)
        var logger = Logger(label: "ruche.engine")
        logger[metadataKey: "engine"] = "\(configuration.name)"
        self.logger = logger
    }

    /// The connection to the running program, which is started when it does not run.
    func connected() async throws -> ExternalConnection {
        if let connection, connection.isOpen { return connection }
        if let opening { return try await opening.value }
        // A task of its own: several callers wait for it, and one that is cancelled must not end it for the others.
        let task = Task { try await open() }
        opening = task
        defer { opening = nil }
        return try await task.value
    }

    private func open() async throws -> ExternalConnection {
        if let lastStart, case let left = Self.pause - (ContinuousClock.now - lastStart), left > .zero {
            try await Task.sleep(for: left)
        }
        lastStart = .now
        let exits = exits
        let connection: ExternalConnection
        do {
            connection = try await ExternalConnection.open(configuration, logger) { exits.ended($0) }
        } catch let error as RucheError where error.code == .missingTool {
            let program = configuration.command.first ?? ""
            throw unavailable("its program \"\(program)\" is not on this machine or can't be run")
        }
        let welcome: ExternalMessages.Welcome = try await connection.call(
            "hello", hello, timeout: configuration.timeout)
        guard welcome.protocolVersion == ExternalMessages.version else {
            connection.close("speaks version \(welcome.protocolVersion) of the protocol")
            throw unavailable(
                "its program speaks version \(welcome.protocolVersion) of the protocol, this server speaks "
                    + "\(ExternalMessages.version)")
        }
        traits.take(welcome)
        self.connection = connection
        logger.info("the program of an engine runs")
        return connection
    }

    private func unavailable(_ what: String) -> RucheError {
        RucheError(.engineUnavailable, "the engine \"\(configuration.name)\" can't be used: \(what)")
    }
}
