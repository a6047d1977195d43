import Logging
import RucheCore
import RucheEngines
import RucheHost
import SystemPackage

/// Attempts after the first, and engines that went away.
extension JobService {
    // MARK: Another attempt

    /// Seconds until the next attempt; nil when this was the last one.
    func retryDelay(_ record: JobRecord) -> Int? {
        guard let policy = record.retry, let exit = record.exit, let job = active[record.id], !job.isCancelled,
            job.inputFailure == nil, Self.changedInput(record.inputs) == nil
        else { return nil }
        return policy.delay(after: exit, attempts: record.attempt)
    }

    /// Sets aside what an attempt left, and queues the job again. Can be done again after a crash.
    func tryAgain(_ ended: JobRecord, _ folder: JobFolder, after delay: Int) async throws {
        var record = ended
        try keepConsole(folder)
        let aside = folder.attempt(record.attempt)
        try FileTree.makeFolder(aside, permissions: 0o750)
        for path in [folder.outputs, folder.logs, LogGap.path(folder.console), folder.console]
        where FileTree.exists(path) {
            guard let name = path.lastComponent else { continue }
            try AtomicFile.rename(path, to: aside.appending(name))
        }
        try cleanUp(folder)
        let now = configuration.now()
        if let exit = record.exit {
            record.attempts =
                (record.attempts ?? []) + [
                    JobAttempt(
                        number: record.attempt, container: record.container, startedAt: record.startedAt, endedAt: now,
                        exit: exit)
                ]
        }
        _ = record.machine.retried()
        record.forgetAttempt()
        record.retryAt = now + Int64(delay) * 1000
        let data: [String: JSONValue] = [
            "attempt": .integer(Int64(record.attempt)), "reason": .string(ended.exit?.reason.rawValue ?? ""),
            "delay": .integer(Int64(delay)),
        ]
        try await journal.wait(journal.add(record, [record.event("job.retrying", data)]))
        renew(record)
        enqueue(record.id)
    }

    /// Time until a job's next attempt. A wall clock that jumped makes it no longer than its policy says.
    func retryWait(_ record: JobRecord) -> Duration {
        guard let time = record.retryAt, let policy = record.retry else { return .zero }
        let left = max(0, time - configuration.now())
        return min(.milliseconds(left), .seconds(max(policy.backoff, 3600)))
    }

    func letGo(_ id: Identifier, after delay: Duration) async {
        do { try await Task.sleep(for: delay) } catch { return }
        queue.letGo(id, .retry)
        schedule()
        tellWaiting(id)
    }

    /// A job as if it had never been tried in this process: what watches the old attempt reaches it no more.
    private func renew(_ record: JobRecord) {
        guard let old = active[record.id] else { return }
        var job = ActiveJob(record: record)
        job.ticket = old.ticket
        job.acceptance = old.acceptance
        job.run = old.run + 1
        job.toldWaiting = old.toldWaiting
        active[record.id] = job
    }

    // MARK: An engine that went away

    /// Lets a job wait for its engine when that is not ready. False when the engine is not to blame.
    func postpone(_ id: Identifier) async -> Bool {
        guard let name = active[id]?.record.engine, let engine = try? engine(name) else { return false }
        guard await !engine.check().isEmpty, let before = active[id]?.record else { return false }
        if before.stop != nil { return false }
        guard step(id, { $0.postponed() }) == .enqueue, var record = active[id]?.record else { return false }
        record.forgetAttempt()
        renew(record)
        awayFrom(name)
        queue.giveBack(id, now: elapsed)
        tellWaiting(id)
        schedule()
        return true
    }

    private func awayFrom(_ name: String) {
        guard awaySince[name] == nil else { return }
        awaySince[name] = elapsed
        queue.setReady(name, false)
        logger.warning("an engine is not ready: its jobs wait", metadata: ["engine": "\(name)"])
        tellWaiting(engine: name)
        worker.yield(.probe(name))
    }

    /// Asks an engine until it is ready, and ends jobs that waited too long for it.
    func probe(_ name: String) async {
        guard let engine = try? engine(name) else { return }
        while !Task.isCancelled {
            do { try await Task.sleep(for: configuration.engineProbe) } catch { return }
            if await engine.check().isEmpty { break }
            refuseLate(name)
        }
        if Task.isCancelled { return }
        awaySince[name] = nil
        queue.setReady(name, true)
        logger.info("an engine is ready again", metadata: ["engine": "\(name)"])
        schedule()
        tellWaiting(engine: name)
    }

    private func refuseLate(_ name: String) {
        guard let since = awaySince[name], elapsed - since >= configuration.engineWait else { return }
        let seconds = Int(configuration.engineWait.seconds)
        for id in queue.order(engine: name) where queue.waiting(id) == .engine {
            refuse(id, .engineFailure, "the engine \"\(name)\" was not ready for \(seconds) seconds")
        }
    }

    private func tellWaiting(engine: String) {
        for id in queue.order(engine: engine) where !queue.isRunning(id) { tellWaiting(id) }
    }
}

extension JobRecord {
    /// Makes it a job that was never tried, but for its attempts.
    mutating func forgetAttempt() {
        startedAt = nil
        startedTick = nil
        progress = nil
        progressLabel = nil
        tokenHash = nil
        outputs = []
        warnings = []
    }
}
