package import RucheCore
import RucheEngines

extension JobService {
    /// Freezes a running job; one that is frozen stays so. Throws `invalid_state`, and `unsupported` when the
    /// engine can't.
    package func pause(_ id: Identifier) async throws -> JobRecord {
        let engine = try await pausingEngine(id)
        guard try await stepOrRefuse(id, { try $0.pauseRequested() }) == .pause else { return try await job(id) }
        try await engine.pause(container(id))
        _ = step(id) {
            $0.paused()
            return .none
        }
        return try await acknowledged(id, record(id, "job.paused"))
    }

    /// Thaws a paused job; one that runs goes on. Throws `invalid_state`.
    package func resume(_ id: Identifier) async throws -> JobRecord {
        let engine = try await pausingEngine(id)
        guard try await stepOrRefuse(id, { try $0.resumeRequested() }) == .resume else { return try await job(id) }
        try await engine.resume(container(id))
        _ = step(id) {
            $0.resumed()
            return .none
        }
        return try await acknowledged(id, record(id, "job.resumed"))
    }

    /// Ends a job: TERM, then KILL after the grace time. Returns when that is recorded, not when it is over.
    /// One that is over, or being ended, stays as it is.
    package func cancel(_ id: Identifier) async throws -> JobRecord {
        guard let job = active[id] else { return try await self.job(id) }
        let action = step(id) { $0.cancelRequested() }
        var ticket = job.ticket
        switch action {
        case .finalize:
            queue.remove(id, now: elapsed)
            ticket = record(id, "job.finalizing")
            worker.yield(.finish(id))
        case .interruptPreparation:
            ticket = record(id, "job.stopping", ["reason": "cancelled"])
            job.interrupt.finish()
        case .terminate(let thaw):
            if let record = active[id]?.record { ticket = journal.add(record) }
            active[id]?.ticket = ticket
            job.terminate.yield(thaw)
        default: active[id]?.isCancelled = true
        }
        return try await acknowledged(id, ticket)
    }

    /// Runs the same again from the record of a final job: same release by digest, same inputs by content.
    /// Throws `invalid_input` with everything that is missing or changed.
    ///
    /// The new job has the owner of the old one, and its priority where the asker may raise that: `mayRaise`.
    package func rerun(
        _ id: Identifier, by actor: String = Caller.local.actor, mayRaise: Bool = true
    ) async throws -> JobRecord {
        var submission = try await runRecord(id).submission
        if !mayRaise { submission.priority = submission.priority.map { min($0, 0) } }
        submission.owner = try await job(id).ownerName
        submission.createdBy = actor
        return try await submit(submission)
    }

    private func container(_ id: Identifier) -> String { active[id]?.record.container ?? "ruche-\(id)" }

    private func pausingEngine(_ id: Identifier) async throws -> any Engine {
        let record = try await job(id)
        let engine = try engine(record.engine)
        guard engine.capabilities.contains(.pause) else {
            throw RucheError(
                .unsupported, "the engine \"\(record.engine)\" can't pause jobs", details: ["engine": record.engine])
        }
        return engine
    }

    /// A job that is over has its machine asked all the same, for the right refusal.
    private func stepOrRefuse(
        _ id: Identifier, _ body: (inout JobStateMachine) throws -> JobAction
    ) async throws -> JobAction {
        if active[id] != nil { return try step(id, body) }
        var machine = try await job(id).machine
        return try body(&machine)
    }

    private func acknowledged(_ id: Identifier, _ ticket: Int) async throws -> JobRecord {
        try await journal.wait(ticket)
        return try await job(id)
    }
}
