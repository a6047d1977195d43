import Logging
import RucheCore
import RucheStore
import Synchronization

/// Writes changes of jobs in their order, many in one transaction when they come close together.
///
/// A change is kept until it is written: on a full disk it waits and is tried again every second.
final class JobJournal: Sendable {
    private struct Entry {
        var number: Int
        var record: JobRecord
        var events: [EventDraft]
        /// True for the first record of a job that nobody was promised yet.
        var isOffer = false
    }
    private struct State {
        var next = 1
        var written = 0
        var pending: [Entry] = []
        var isWriting = false
        var waiters: [(number: Int, continuation: CheckedContinuation<Void, any Error>)] = []
        /// Jobs that were refused, and the numbers of their changes, each with why: none of them is ever written.
        var refused: [Identifier: any Error] = [:]
        var refusedNumbers: [Int: any Error] = [:]
    }

    private let events: DatabaseEventLog
    private let logger: Logger
    private let state = Mutex(State())

    init(events: DatabaseEventLog, logger: Logger) {
        self.events = events
        self.logger = logger
    }

    /// Queues a change and returns at once. The number is for `wait`.
    ///
    /// An offer is a job that was not accepted yet: when it can't be written at the first attempt, it and all
    /// changes of the same job are dropped, and waiting for any of them throws.
    @discardableResult
    func add(_ record: JobRecord, _ drafts: [EventDraft] = [], isOffer: Bool = false) -> Int {
        let (number, isFirst) = state.withLock { state in
            let number = state.next
            state.next += 1
            if let reason = state.refused[record.id] {
                state.refusedNumbers[number] = reason
                return (number, false)
            }
            // The transaction is written by whoever came first, in whose name others do not act.
            let actor = Acting.current.actor
            let events = drafts.map { draft in
                var draft = draft
                draft.actor = draft.actor ?? actor
                return draft
            }
            state.pending.append(Entry(number: number, record: record, events: events, isOffer: isOffer))
            defer { state.isWriting = true }
            return (number, !state.isWriting)
        }
        // Its own task: whoever asked first may be cancelled, and others wait for the same transaction.
        if isFirst { Task { await Acting.$current.withValue(Acting(actor: nil, owner: nil)) { await write() } } }
        return number
    }

    /// Returns when a change is durable. Throws when an attempt failed; the change stays queued unless its job
    /// was refused.
    func wait(_ number: Int) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let known: Result<Void, any Error>? = state.withLock { state in
                if let reason = state.refusedNumbers[number] { return .failure(reason) }
                if state.written >= number { return .success(()) }
                state.waiters.append((number, continuation))
                return nil
            }
            if let known { continuation.resume(with: known) }
        }
    }

    private func write() async {
        while let batch = takeBatch() {
            do {
                // Only the newest state of each job matters to the table; every event does.
                let rows = try Dictionary(batch.map { ($0.record.id, $0.record) }, uniquingKeysWith: { $1 })
                    .values.map { (job: try $0.row(), summary: try JobSummary($0).row(), outputs: $0.outputFiles()) }
                try await events.write(batch.flatMap(\.events)) { connection in
                    for row in rows {
                        try JobRepository(connection).save(row.job)
                        try JobSummaryRepository(connection).save(row.summary)
                        try FileRepository(connection).save(row.outputs, job: row.job.id)
                    }
                }
                finish(batch.last?.number ?? 0)
            } catch {
                logger.error("can't record jobs, trying again", metadata: ["error": "\(error)"])
                putBack(batch, error)
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }

    private func takeBatch() -> [Entry]? {
        state.withLock { state in
            let batch = state.pending
            state.pending = []
            if batch.isEmpty { state.isWriting = false }
            return batch.isEmpty ? nil : batch
        }
    }

    private func finish(_ number: Int) {
        let done = state.withLock { state in
            state.written = max(state.written, number)
            let done = state.waiters.filter { $0.number <= number }
            state.waiters.removeAll { $0.number <= number }
            return done
        }
        for waiter in done { waiter.continuation.resume() }
    }

    private func putBack(_ batch: [Entry], _ error: any Error) {
        let failed = state.withLock { state in
            let entries = batch + state.pending
            let refused = Set(batch.filter(\.isOffer).map(\.record.id))
            for job in refused { state.refused[job] = error }
            for entry in entries where refused.contains(entry.record.id) { state.refusedNumbers[entry.number] = error }
            state.pending = entries.filter { !refused.contains($0.record.id) }
            // What came meanwhile has its own attempt.
            let last = batch.last?.number ?? 0
            let refusals = state.refusedNumbers
            func hasFailed(_ number: Int) -> Bool { number <= last || refusals[number] != nil }
            let failed = state.waiters.filter { hasFailed($0.number) }
            state.waiters.removeAll { hasFailed($0.number) }
            return failed
        }
        for waiter in failed { waiter.continuation.resume(throwing: error) }
    }
}

extension JobRecord {
    func row() throws -> JobRow {
        JobRow(
            id: id.description, state: state.rawValue, document: try JSONText.encode(self),
            owner: ownerName.description)
    }

    init(row: JobRow) throws {
        do {
            self = try JSONText.decode(JobRecord.self, row.document)
        } catch {
            throw RucheError(.corruptContent, "the record of job \(row.id) can't be read", cause: error)
        }
    }

    func event(_ kind: String, _ data: [String: JSONValue] = [:]) -> EventDraft {
        var data = data
        data["state"] = .string(state.rawValue)
        data["release"] = .string(release)
        return EventDraft(subject: subject, kind: kind, data: .object(data), owner: ownerName)
    }
}
