package import Logging
package import RucheCore
package import RucheStore
import ServiceLifecycle
package import SystemPackage

/// Runs operations in a task group of its own; `run()` is part of the server's service group.
package actor OperationService: OperationRunning, Service {
    private struct Start: Sendable {
        var record: OperationRecord
        var body: OperationBody
        /// Where its inputs are, when it has any.
        var inputs: FilePath?
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
    private var running: [Identifier: Running] = [:]

    private struct Running {
        var record: OperationRecord
        var cancel: AsyncStream<Void>.Continuation
        /// Somebody asked for the cancellation.
        var isUnwanted = false
    }

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

    /// Closes what a former process left open and nobody took up, then runs operations until shutdown. That cancels
    /// them; those with inputs stay open for the next start.
    package func run() async throws {
        try await recover()
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                for await start in starts { group.addTask { await self.perform(start) } }
                group.cancelAll()
            }
        }
    }

    /// Takes up operations that the table shows as running and this process does not run: with a body for its kind
    /// and its inputs in place an operation goes on from its beginning, under its identifier; without, it failed.
    package func recover(_ bodies: [String: OperationBody] = [:]) async throws {
        let rows = try await database.read {
            try OperationRepository($0).operations(state: OperationRecord.State.running.rawValue)
        }
        for var record in try rows.map(OperationRecord.init(row:)) where running[record.id] == nil {
            let inputs = OperationInputs(folder: folder, id: record.id)
            if let body = bodies[record.kind], try inputs.takeUp() {
                record.progress = nil
                let cancellation = begin(record)
                try await save(record, event: "operation.resumed")
                starter.yield(Start(record: record, body: body, inputs: inputs.path, cancellation: cancellation))
                continue
            }
            record.state = .failed
            record.endedAt = now()
            record.failure = .init(
                code: .cancelled, message: "the server stopped before it ended: start it again", details: [:],
                problems: [])
            try await save(record, event: "operation.ended")
        }
        try OperationInputs.removeOthers(in: folder, than: Set(running.keys))
    }

    package func start(
        kind: String, title: String, inputs: FilePath?, _ body: @escaping OperationBody
    ) async throws -> OperationRecord {
        var generator = SystemRandomNumberGenerator()
        let time = now()
        var record = OperationRecord(
            id: Identifier(milliseconds: UInt64(max(0, time)), using: &generator), kind: kind, title: title,
            state: .running, createdAt: time)
        record.owner = Acting.current.owner
        record.createdBy = Acting.current.actor
        let own = OperationInputs(folder: folder, id: record.id)
        let cancellation = begin(record)
        do {
            // Before the row: an operation that is recorded has its inputs.
            if let inputs { try own.take(inputs) }
            let row = try record.row()
            try await events.write([Self.event("operation.started", record)]) {
                try OperationRepository($0).insert(row)
            }
        } catch {
            running[record.id] = nil
            try? own.remove()  // the first error is the one to report
            throw error
        }
        starter.yield(
            Start(record: record, body: body, inputs: inputs == nil ? nil : own.path, cancellation: cancellation))
        return record
    }

    private func begin(_ record: OperationRecord) -> AsyncStream<Void> {
        let (cancellation, cancel) = AsyncStream<Void>.makeStream()
        running[record.id] = Running(record: record, cancel: cancel)
        return cancellation
    }

    package func operation(_ id: Identifier) async throws -> OperationRecord? {
        if let record = running[id]?.record { return record }
        return try await database.read { try OperationRepository($0).operation(id.description) }
            .map(OperationRecord.init(row:))
    }

    package func operations(
        before cursor: Identifier?, owners: OwnerSelection, limit: Int
    ) async throws -> [OperationRecord] {
        let rows = try await database.read {
            try OperationRepository($0).operations(before: cursor?.description, owners: owners.names, limit: limit)
        }
        return try rows.map(OperationRecord.init(row:)).map { running[$0.id]?.record ?? $0 }
    }

    package func cancel(_ id: Identifier) async throws -> OperationRecord {
        guard let record = try await operation(id) else {
            throw RucheError(.notFound, "there is no operation \(id)", details: ["operation": id.description])
        }
        running[id]?.isUnwanted = true
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
            inputs: start.inputs, report: { await self.progressed(start.record.id, $0) })
        let acting = Acting(actor: start.record.createdBy, owner: start.record.owner)
        let outcome = await Acting.$current.withValue(acting) { await Self.outcome(start, context) }
        if case .failure = outcome, start.inputs != nil, Task.isCancelled, running[start.record.id]?.isUnwanted != true
        {
            // The server ends, and nobody wanted the operation to: it goes on at the next start.
            running[start.record.id] = nil
            return
        }
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
        // What can't be removed goes at the next start.
        try? OperationInputs(folder: folder, id: id).remove()
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
        return EventDraft(subject: "operation:\(record.id)", kind: kind, data: .object(data), owner: record.owner)
    }
}
