import FoundationEssentials
import Logging
import RucheCore
import RucheHost
import Synchronization

/// One run of the program: sends requests, gives each answer to who asked, and hands on events.
///
/// What the program writes is not trusted: lines that are no answer are logged and dropped, and a program that
/// goes on with them, or writes a line without end, is ended.
final class ExternalConnection: Sendable {
    private struct State {
        var next = 0
        var pending: [Int: CheckedContinuation<[UInt8], any Error>] = [:]
        var failure: RucheError?
        var process: LineProcess?
        var strangeLines = 0
        var errorLines = 0
    }

    /// Lines that are no message, after which a program is ended.
    private static let patience = 100
    /// Lines of standard error that reach the log in one run of the program.
    private static let loggedLines = 10_000
    private static let codes: [ErrorCode] = [
        .notFound, .conflict, .invalidInput, .invalidState, .missingTool, .notPermitted, .diskFull, .unsupported,
        .timedOut,
    ]

    private let name: String
    private let logger: Logger
    private let onExit: @Sendable (String) -> Void
    private let state = Mutex(State())

    private init(_ name: String, _ logger: Logger, _ onExit: @escaping @Sendable (String) -> Void) {
        self.name = name
        self.logger = logger
        self.onExit = onExit
    }

    deinit { state.withLock { $0.process }?.terminate() }

    /// Starts the program. `onExit` gets the names of containers that the program says have ended.
    static func open(
        _ configuration: ExternalConfiguration, _ logger: Logger, onExit: @escaping @Sendable (String) -> Void
    ) async throws -> ExternalConnection {
        let connection = ExternalConnection(configuration.name, logger, onExit)
        let process = try await LineProcess(configuration.program, lineLimit: ExternalConfiguration.lineLimit) {
            [weak connection] in connection?.take($0)
        }
        let failure = connection.state.withLock { state in
            state.process = process
            return state.failure
        }
        if failure != nil { process.terminate() }
        return connection
    }

    var isOpen: Bool { state.withLock { $0.failure == nil } }

    /// Sends a request and decodes its answer. Throws the program's own error, and `engine_unavailable` when the
    /// program ends or does not answer in time.
    func call<Parameters: Encodable, Result: Decodable>(
        _ method: String, _ parameters: Parameters, timeout: Duration
    ) async throws -> Result {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let request = ExternalMessages.Request(id: id, method: method, params: parameters)
        let line = try [UInt8](JSONEncoder().encode(request))
        guard line.count <= ExternalConfiguration.lineLimit else {
            throw RucheError(.invalidInput, "the request \"\(method)\" to the engine \"\(name)\" is over 1 MiB long")
        }
        let timer = Task {
            try await Task.sleep(for: timeout)
            end(id, throwing: unavailable("did not answer \"\(method)\" within \(timeout.components.seconds) s"))
        }
        defer { timer.cancel() }
        let answer = try await exchange(id, line)
        do {
            return try JSONDecoder().decode(ExternalMessages.Answer<Result>.self, from: Data(answer)).result
        } catch {
            throw unavailable("answered \"\(method)\" with something else than the protocol says")
        }
    }

    private func exchange(_ id: Int, _ line: [UInt8]) async throws -> [UInt8] {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (process, failure) = state.withLock { state in
                    if state.failure == nil { state.pending[id] = continuation }
                    return (state.process, state.failure)
                }
                if let failure { return continuation.resume(throwing: failure) }
                if Task.isCancelled { return end(id, throwing: CancellationError()) }
                Task {
                    do { try await process?.send(line) } catch { end(id, throwing: unavailable("does not listen")) }
                }
            }
        } onCancel: {
            end(id, throwing: CancellationError())
        }
    }

    private func end(_ id: Int, throwing error: any Error) {
        state.withLock { $0.pending.removeValue(forKey: id) }?.resume(throwing: error)
    }

    // MARK: - What the program writes

    private func take(_ event: LineProcess.Event) {
        switch event {
        case .line(let bytes): take(bytes)
        case .errorLine(let bytes): log(bytes)
        case .lineTooLong: close("wrote a line over 1 MiB long")
        case .closed: close("ended")
        }
    }

    private func take(_ line: [UInt8]) {
        guard let message = try? JSONDecoder().decode(ExternalMessages.Envelope.self, from: Data(line)) else {
            return wonder(line)
        }
        if let id = message.id {
            // One that came too late, or whose caller has gone, has nobody to take it.
            guard let continuation = state.withLock({ $0.pending.removeValue(forKey: id) }) else { return }
            if let error = message.error {
                continuation.resume(throwing: failure(error))
            } else {
                continuation.resume(returning: line)
            }
        } else if message.event == "exited", let container = message.container {
            onExit(container)
        } else if message.event == nil {
            wonder(line)
        }
    }

    private func wonder(_ line: [UInt8]) {
        let count = state.withLock { state in
            state.strangeLines += 1
            return state.strangeLines
        }
        let text = String(decoding: line.prefix(200), as: UTF8.self)
        logger.warning("an engine's program wrote what is no message", metadata: ["line": "\(text)"])
        if count >= Self.patience { close("wrote \(count) lines that are no messages") }
    }

    private func log(_ line: [UInt8]) {
        let count = state.withLock { state in
            state.errorLines += 1
            return state.errorLines
        }
        guard count <= Self.loggedLines else { return }
        let text = count == Self.loggedLines ? "… the rest is dropped" : String(decoding: line, as: UTF8.self)
        logger.info("an engine's program says", metadata: ["line": "\(text)"])
    }

    func close(_ reason: String) {
        let error = unavailable(reason)
        let (process, pending) = state.withLock { state in
            let pending = state.pending
            state.pending = [:]
            if state.failure == nil { state.failure = error }
            return (state.process, pending)
        }
        for continuation in pending.values { continuation.resume(throwing: error) }
        process?.terminate()
    }

    /// The program's own error. A code that engines have no use for is "engine_unavailable".
    private func failure(_ said: ExternalMessages.Failure) -> RucheError {
        let code = Self.codes.first { $0.rawValue == said.code } ?? .engineUnavailable
        return RucheError(code, String(said.message.prefix(2000)), details: ["engine": name])
    }

    private func unavailable(_ what: String) -> RucheError {
        RucheError(.engineUnavailable, "the program of the engine \"\(name)\" \(what)", details: ["engine": name])
    }
}
