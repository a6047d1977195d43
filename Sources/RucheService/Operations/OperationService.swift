package import Logging
package import RucheCore
package import RucheStore
import ServiceLifecycle
package import SystemPackage

/// Runs operations in a task group of its own; `run()` is part of the server's service group.
package actor OperationService: OperationRunning, Service {
    private typealias Body = @Sendable (OperationContext) async throws -> JSONValue
    private struct Start: Sendable {
        var record: OperationRecord
        var body: Body
        /// Ends when the operation is to be cancelled.
        var cancellation: AsyncStream<Void>
    }

    private let database: any SQLDatabase
    private let events: DatabaseEventLog
    private let folder: FilePath
    private let logger: Logger
    private let now: @Sendable () -> Int64
    private let starts: AsyncStream<Start>
    private let starter: AsyncStream<Start>.Continuation
    private var running: [Identifier: (record: OperationRecord, cancel: AsyncStream<Void>.Continuation)] = [:]

    /// `data` is the data folder; logs go to `<data>/operations/<id>/log.jsonl`.
    package init(
        database: any SQLDatabase, events: DatabaseEventLog, data: FilePath, logger: Logger,
        now: @escaping @Sendable () -> Int64 = SystemTime.milliseconds
    ) {
        self.database = database
        self.events = events
        self.logger = logger
        self.now = now
        folder = data.appending("operations")
        (starts, starter) = AsyncStream.makeStream()
    }

    /// Closes what a killed process left open, then runs operations until shutdown, which cancels them.
    package func run() async throws {
        try await reconcile()
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                for await start in starts { group.addTask { await self.perform(start) } }
                group.cancelAll()
            }
        }
    }

    /// Fails every operation that the table shows as running and this process does not run.
    package func reconcile() async throws {
        let rows = try await database.read {
            try OperationRepository($0).operations(state: OperationRecord.State.running.rawValue)
        }
        for var record in try rows.map(OperationRecord.init(row:)) where running[record.id] == nil {
            record.state = .failed
            record.endedAt = now()
            record.failure = .init(
                code: .cancelled, message: "the server stopped before it ended: start it again", details: [:],
                problems: [])
            try await save(record, event: "operation.ended")
        }
    }

    package func start(
        kind: String, title: String, _ body: @escaping @Sendable (OperationContext) async throws -> JSONValue
    ) async throws -> OperationRecord {
        var generator = SystemRandomNumberGenerator()
        let time = now()
        let record = OperationRecord(
            id: Identifier(milliseconds: UInt64(max(0, time)), using: &generator), kind: kind, title: title,
            state: .running, createdAt: time)
        let (cancellation, cancel) = AsyncStream<Void>.makeStream()
        running[record.id] = (record, cancel)
        do {
            let row = try record.row()
            try await events.write([Self.event("operation.started", record)]) {
                try OperationRepository($0).insert(row)
            }
        } catch {
            running[record.id] = nil
            throw error
        }
        starter.yield(Start(record: record, body: body, cancellation: cancellation))
        return record
    }

    package func operation(_ id: Identifier) async throws -> OperationRecord? {
        if let record = running[id]?.record { return record }
        return try await database.read { try OperationRepository($0).operation(id.description) }
            .map(OperationRecord.init(row:))
    }

    package func operations(before cursor: Identifier?, limit: Int) async throws -> [OperationRecord] {
        let rows = try await database.read {
            try OperationRepository($0).operations(before: cursor?.description, limit: limit)
        }
        return try rows.map(OperationRecord.init(row:)).map { running[$0.id]?.record ?? $0 }
    }

    package func cancel(_ id: Identifier) async throws -> OperationRecord {
        guard let record = try await operation(id) else {
            throw RucheError(.notFound, "there is no operation \(id)", details: ["operation": id.description])
        }
        running[id]?.cancel.finish()
        return record
    }

    /// Where the log of an operation is; the file may not exist yet. Throws `not_found`.
    package func logPath(_ id: Identifier) async throws -> FilePath {
        guard try await operation(id) != nil else {
            throw RucheError(.notFound, "there is no operation \(id)", details: ["operation": id.description])
        }
        return OperationLog.path(folder: folder, id: id)
    }

    private func perform(_ start: Start) async {
        let context = OperationContext(
            id: start.record.id, events: events, log: OperationLog(folder: folder, id: start.record.id),
            report: { await self.progressed(start.record.id, $0) })
        let outcome = await Self.outcome(start, context)
        // The record of the end must be written even when it is this task that was cancelled.
        await Task { await self.finish(start.record.id, outcome) }.value
    }

    /// Runs the body beside a wait for its cancellation; whichever ends first ends both.
    private static func outcome(_ start: Start, _ context: OperationContext) async -> Result<JSONValue, any Error> {
        await withTaskGroup(of: Result<JSONValue, any Error>?.self) { group in
            group.addTask {
                do { return .success(try await start.body(context)) } catch { return .failure(error) }
            }
            group.addTask {
                for await _ in start.cancellation {}
                return nil
            }
            while let result = await group.next() {
                group.cancelAll()
                if let result { return result }
            }
            return .failure(CancellationError())
        }
    }

    private func progressed(_ id: Identifier, _ progress: Double) {
        running[id]?.record.progress = min(max(progress, 0), 1)
    }

    private func finish(_ id: Identifier, _ outcome: Result<JSONValue, any Error>) async {
        guard var record = running[id]?.record else { return }
        record.end(outcome, at: now())
        // A full disk must not lose the end: the operation stays visible as running until it can be written.
        while true {
            do {
                try await save(record, event: "operation.ended")
                break
            } catch {
                logger.error(
                    "can't record the end of an operation", metadata: ["operation": "\(id)", "error": "\(error)"])
                do { try await Task.sleep(for: .seconds(1)) } catch { break }
            }
        }
        running[id] = nil
    }

    private func save(_ record: OperationRecord, event: String) async throws {
        let row = try record.row()
        try await events.write([Self.event(event, record)]) { try OperationRepository($0).update(row) }
    }

    private static func event(_ kind: String, _ record: OperationRecord) -> EventDraft {
        var data: [String: JSONValue] = [
            "kind": .string(record.kind), "title": .string(record.title), "state": .string(record.state.rawValue),
        ]
        if let failure = record.failure {
            data["code"] = .string(failure.code.rawValue)
            data["message"] = .string(failure.message)
        }
        return EventDraft(subject: "operation:\(record.id)", kind: kind, data: .object(data))
    }
}
