import Glibc
import Logging
import RucheCore
import RucheEngines
import RucheHost
import SystemPackage

extension JobService {
    private enum Ending: Sendable {
        case ended(ContainerEnd)
        case lost(String)
        /// The server stops; the container goes on.
        case detached
    }

    /// One job from here to its end, or to the end of this process.
    func perform(_ work: Work) async {
        let id: Identifier
        switch work {
        case .execute(let job), .attach(let job), .finish(let job): id = job
        case .letGo(let job, let delay): return await letGo(job, after: delay)
        case .probe(let engine): return await probe(engine)
        }
        let run = active[id]?.run
        async let hashing: Void = hashInputs(id)
        switch work {
        case .execute: if await prepare(id) { await supervise(id) }
        case .attach: await supervise(id)
        default: break
        }
        await hashing
        guard await isAccepted(id) else { return abandon(id) }
        guard !Task.isCancelled, active[id]?.record.state == .finalizing, active[id]?.run == run else { return }
        await finalize(id)
    }

    // MARK: Preparation

    /// Makes and starts the container. False when the job does not run now.
    private func prepare(_ id: Identifier) async -> Bool {
        guard let job = active[id] else { return false }
        do {
            try await Self.until(job.interruptions) { try await self.start(id) }
            return true
        } catch {
            if Task.isCancelled { return false }
            guard await isAccepted(id) else { return false }
            if (error as? RucheError)?.code == .engineUnavailable, await postpone(id) { return false }
            let message = (error as? RucheError)?.message ?? "\(error)"
            let action = step(id) { $0.preparationFailed(message) }
            if case .finalize = action { record(id, "job.finalizing", ["message": .string(message)]) }
            return false
        }
    }

    /// Runs `body`; when `stop` ends first, cancels it.
    private static func until(
        _ stop: AsyncStream<Void>, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return true
            }
            group.addTask {
                for await _ in stop {}
                return false
            }
            // The stop only cancels: the body says itself whether it still came to its end.
            while try await group.next() == false { group.cancelAll() }
            group.cancelAll()
        }
    }

    private func start(_ id: Identifier) async throws {
        guard let job = active[id] else { return }
        let engine = try engine(job.record.engine)
        if job.run > 0 { try await clearAttempt(job.record, engine) }
        let package = try await package(for: job.record)
        let preparation = JobPreparation(configuration: configuration, package: package, token: job.token)
        let prepared = try await preparation.prepare(job.record)
        let sandbox = prepared.spec.sandbox
        active[id]?.record.command = sandbox.arguments
        active[id]?.record.environment = sandbox.environment.keys.sorted()
        active[id]?.record.user = "\(sandbox.uid):\(sandbox.gid)"
        active[id]?.record.warnings += prepared.warnings
        guard let record = active[id]?.record else { return }
        // Recorded beside the making: the container waits for it, and nothing waits for the disk alone.
        let ticket = journal.add(record)
        active[id]?.ticket = ticket
        let journal = journal
        try await engine.launch(prepared.spec) { try await journal.wait(ticket) }
        active[id]?.record.startedAt = configuration.now()
        active[id]?.record.startedTick = MachineClock.now()
        active[id]?.runningSince = configuration.instant()
        let action = step(id) { $0.started() }
        self.record(id, "job.started")
        if case .terminate(let thaw) = action { job.terminate.yield(thaw) }
    }

    /// Removes what an engine that went away may have made and run then, more of it than it could say.
    private func clearAttempt(_ record: JobRecord, _ engine: any Engine) async throws {
        do { try await engine.delete(record.container) } catch let error as RucheError where error.code == .notFound {
            // An engine may say so.
        }
        let folder = folder(record.id)
        for path in [folder.scratch, folder.outputs, folder.logs] { try FileTree.remove(path) }
    }

    /// Removes what was made for a job that was refused in the end; its container is gone already.
    private func abandon(_ id: Identifier) {
        do {
            try FileTree.remove(JobFolder(data: configuration.data, id: id).root)
        } catch {
            logger.warning("can't remove a folder", metadata: ["job": "\(id)", "error": "\(error)"])
        }
        release(id)
    }

    // MARK: Supervision

    /// Watches a container until it ended or this process stops.
    private func supervise(_ id: Identifier) async {
        guard let job = active[id], let engine = try? engine(job.record.engine) else { return }
        let container = job.record.container
        let tick = configuration.tick
        let ending = await withTaskGroup(of: Ending?.self) { group in
            group.addTask { await Self.end(of: container, engine, tick: tick) }
            group.addTask {
                await self.watch(id)
                return nil
            }
            group.addTask {
                await self.measure(id)
                return nil
            }
            group.addTask {
                for await thaw in job.terminations { await self.end(id, engine, thaw: thaw) }
                return nil
            }
            while let ending = await group.next() {
                guard let ending else { continue }
                group.cancelAll()
                return ending
            }
            return .detached
        }
        guard !Task.isCancelled else { return }
        switch ending {
        case .ended(let end): _ = step(id) { $0.containerEnded(end) }
        case .lost(let message): _ = step(id) { $0.containerLost(message) }
        case .detached: return
        }
        record(id, "job.finalizing")
    }

    private static func end(of container: String, _ engine: any Engine, tick: Duration) async -> Ending {
        var failures = EngineFailures()
        while !Task.isCancelled {
            let start = ContinuousClock.now
            do {
                let exit = try await engine.wait(container)
                return exit.lost.map { .lost($0) } ?? .ended(exit.end)
            } catch let error as RucheError where error.code == .notFound {
                return .lost("the engine lost the container")
            } catch {
                if Task.isCancelled { break }
                guard let pause = failures.pause(after: error, askedAt: start, tick: tick) else {
                    return .lost("the engine does not answer: \(error)")
                }
                do { try await Task.sleep(for: pause) } catch { break }
            }
        }
        return .detached
    }

    /// TERM, then KILL until it is over. Cancelled when the container ended.
    private func end(_ id: Identifier, _ engine: any Engine, thaw: Bool) async {
        guard let record = active[id]?.record else { return }
        self.record(id, "job.stopping", ["reason": .string(record.stop?.rawValue ?? "")])
        do {
            if thaw { try await engine.resume(record.container) }
            try await engine.signal(record.container, SIGTERM)
        } catch {
            logger.warning("can't end a job gently", metadata: ["job": "\(id)", "error": "\(error)"])
        }
        // What fills the disk gets less time to go on with it.
        var grace = record.stop == .diskLimit ? min(configuration.grace, .seconds(1)) : configuration.grace
        while !Task.isCancelled {
            do { try await Task.sleep(for: grace) } catch { return }
            do {
                try await engine.signal(record.container, SIGKILL)
            } catch {
                logger.warning("can't kill a job", metadata: ["job": "\(id)", "error": "\(error)"])
            }
            grace = min(max(configuration.grace, .milliseconds(100)), .seconds(1))
        }
    }

    /// Looks at a running job again and again: progress, time, disk.
    @concurrent private nonisolated func watch(_ id: Identifier) async {
        var monitor = JobMonitor(folder: JobFolder(data: configuration.data, id: id))
        var diskDue = ContinuousClock.now
        while !Task.isCancelled {
            do { try await Task.sleep(for: configuration.tick) } catch { return }
            // A disk that does not take it now may at the next look.
            _ = try? LogThinning.thin(monitor.folder.liveConsole, limit: configuration.consoleLimit.bytes)
            if let progress = monitor.progress() { await progressed(id, progress) }
            await tellProgress(id)
            await checkTime(id)
            guard ContinuousClock.now >= diskDue, let limit = await diskLimit(id) else { continue }
            let begin = ContinuousClock.now
            let used = try? await JobMonitor.diskUsage(monitor.folder)  // read again at the next look
            if let used, used.bytes > limit || !used.isWhole { await reached(id, .diskLimit) }
            // A job with very many files must not keep a processor busy only by being counted.
            diskDue = .now + max(.seconds(1), (ContinuousClock.now - begin) * 10)
            if configuration.tick < .milliseconds(100) { diskDue = .now }
        }
    }

    private func diskLimit(_ id: Identifier) -> Int64? { active[id]?.record.limits.disk?.bytes }

    private func checkTime(_ id: Identifier) {
        guard let job = active[id], let limit = job.record.limits.time, let start = job.runningSince else { return }
        if configuration.instant() - start >= .seconds(limit) { reached(id, .timedOut) }
    }

    private func reached(_ id: Identifier, _ reason: JobExit.Reason) {
        guard case .terminate(let thaw) = step(id, { $0.limitReached(reason) }) else { return }
        active[id]?.terminate.yield(thaw)
    }

    // MARK: Inputs

    /// Hashes the inputs beside the job's start; what fails makes the job fail at its end.
    private func hashInputs(_ id: Identifier) async {
        for (index, input) in (active[id]?.record.inputs ?? []).enumerated() where input.digest == nil {
            guard let path = input.path, let identity = input.identity else { continue }
            do {
                let digest: Digest
                if let known = digests[identity] {
                    digest = known
                } else {
                    digest = try await FileHasher.digest(path: .init(path), identity: identity)
                    if digests.count >= 1000 { digests = [:] }
                    digests[identity] = digest
                }
                active[id]?.record.inputs[index].digest = digest
            } catch {
                if Task.isCancelled { return }
                active[id]?.inputFailure =
                    (error as? RucheError)?.message ?? "the input \(path) can't be read: \(error)"
            }
        }
    }
}
