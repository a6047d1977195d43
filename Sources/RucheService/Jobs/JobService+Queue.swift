import Logging
package import RucheCore
import RucheEngines
import RucheStore

extension JobServiceConfiguration {
    func capacity(of engine: String) -> EngineCapacity {
        capacities[engine] ?? EngineCapacity(total: QueueLimits(slots: slots))
    }
}

/// What starts when: the queue decides, this acts on it.
extension JobService {
    /// The time on the queue's clock, which never jumps.
    var elapsed: Duration { ContinuousClock.now - origin }

    /// The longest wait that an earlier process is believed: its wall clock may have jumped.
    private static let longestWait = Duration.seconds(30 * 86_400)

    func enqueue(_ id: Identifier, after pending: Set<Identifier> = []) {
        guard let record = active[id]?.record else { return }
        let delay = retryWait(record)
        queue.remove(id, now: elapsed)
        var holds: Set<JobWaiting> = delay > .zero ? [.retry] : []
        if waitsForUploads(id) { holds.insert(.upload) }
        queue.add(queued(record), after: pending, holds: holds)
        if delay > .zero { worker.yield(.letGo(id, delay)) }
        schedule()
        tellWaiting(id)
    }

    /// Puts a job back in the queue that an earlier process accepted.
    func enqueueAgain(_ id: Identifier) async throws {
        let after = active[id]?.record.after ?? []
        // What is not there any more was removed by somebody, who could not do so while it had failed and this waited.
        let states = try await states(of: after)
        if let failed = after.first(where: { states[$0].map { $0 != .succeeded } ?? false }) {
            return refuse(id, .dependencyFailed, Self.reason(failed, states[failed]))
        }
        enqueue(id, after: Set(after.filter { active[$0] != nil }))
    }

    /// Starts every job that may run now.
    func schedule() {
        guard isScheduling else { return }
        while let id = queue.next(now: elapsed) {
            guard step(id, { $0.slotGranted() }) == .prepare else {
                queue.remove(id, now: elapsed)
                continue
            }
            // Durable before the container starts, so that its token is known after a crash.
            let hash = active[id]?.token.hash
            active[id]?.record.tokenHash = hash
            active[id]?.record.retryAt = nil
            active[id]?.toldWaiting = nil
            active[id]?.holdsSlot = true
            record(id, "job.preparing")
            worker.yield(.execute(id))
        }
    }

    /// Counts a job that runs already.
    func takeSlot(_ id: Identifier) {
        guard let record = active[id]?.record else { return }
        queue.addRunning(queued(record), now: elapsed)
        active[id]?.holdsSlot = true
    }

    /// Forgets a job that is over, gives its room to the next, and tells those that come after it.
    func release(_ id: Identifier, as state: JobState? = nil) {
        active[id] = nil
        let dependents = queue.ended(id, succeeded: state == .succeeded, now: elapsed)
        if state != .succeeded {
            for dependent in dependents { refuse(dependent, .dependencyFailed, Self.reason(id, state)) }
        }
        schedule()
        for dependent in dependents { tellWaiting(dependent) }
    }

    /// Ends a job that waits and can't run.
    func refuse(_ id: Identifier, _ reason: JobExit.Reason, _ message: String) {
        guard case .finalize = step(id, { $0.refused(reason, message) }) else { return }
        queue.remove(id, now: elapsed)
        record(id, "job.finalizing", ["message": .string(message)])
        worker.yield(.finish(id))
    }

    private static func reason(_ id: Identifier, _ state: JobState?) -> String {
        "job \(id), which it comes after, \(state == .cancelled ? "was cancelled" : "failed")"
    }

    /// Appends an event when a job waits for something else than the last event told.
    func tellWaiting(_ id: Identifier) {
        guard let job = active[id], job.record.state == .queued, let reason = queue.waiting(id),
            reason != job.toldWaiting
        else { return }
        active[id]?.toldWaiting = reason
        record(id, "job.waiting", ["waiting": .string(reason.rawValue)])
    }

    private func queued(_ record: JobRecord) -> QueuedJob {
        let waited = Duration.milliseconds(max(0, configuration.now() - record.createdAt))
        return QueuedJob(
            id: record.id, owner: record.ownerName.description, engine: record.engine,
            priority: record.priority ?? 0, cpus: record.limits.cpus, memory: record.limits.memory?.bytes,
            since: elapsed - min(waited, Self.longestWait))
    }

    /// Changes the priority of a job that waits. Throws `invalid_state` for another one, `invalid_input` for a
    /// priority that is none.
    package func setPriority(_ id: Identifier, _ priority: Int) async throws -> JobRecord {
        if let problem = Self.problem(priority: priority) {
            throw RucheError(
                .invalidInput, "the priority \(priority) is out of range: use -100 to 100", problems: [problem])
        }
        let job = try await job(id)
        guard job.state == .queued, queue.setPriority(id, priority) else {
            throw RucheError(
                .invalidState, "job \(id) is \(job.state.rawValue): only a job that waits can change its priority",
                details: ["state": job.state.rawValue])
        }
        guard job.priority ?? 0 != priority else { return job }
        active[id]?.record.priority = priority
        let ticket = record(id, "job.prioritized", ["priority": .integer(Int64(priority))])
        schedule()
        try await journal.wait(ticket)
        return try await self.job(id)
    }

    static func problem(priority: Int) -> Problem? {
        guard !QueuedJob.priorities.contains(priority) else { return nil }
        return Problem(
            path: "priority", message: "the priority is out of range", found: "\(priority)", allowed: "-100 to 100")
    }

    /// States of jobs that are over.
    func states(of ids: [Identifier]) async throws -> [Identifier: JobState] {
        var result: [Identifier: JobState] = [:]
        for id in ids where active[id] == nil {
            let row = try await configuration.database.read { try JobRepository($0).job(id.description) }
            result[id] = row.flatMap { JobState(rawValue: $0.state) }
        }
        return result
    }
}
