import Logging
import RucheCore
import RucheEngines
import RucheHost

extension InstanceService {
    /// Bytes of a console that are kept in one file.
    private static let consoleLimit: Int64 = 16 << 20

    /// Looks after an instance until it is at rest, or the server stops.
    func keep(_ id: Identifier) async {
        while !Task.isCancelled, let record = records[id] {
            switch record.state {
            case .starting where held.contains(id):
                // What runs it is being started: that nothing runs yet is no end.
                try? await Task.sleep(for: configuration.tick)  // cancellation is seen above
            case .starting: await bringUp(id)
            case .ready: await watch(id)
            case .stopping: await bringDown(id)
            case .preparing, .failed, .stopped, .destroyed:
                kept.remove(id)
                return
            }
        }
        kept.remove(id)
    }

    /// Waits for each stage in turn.
    private func bringUp(_ id: Identifier) async {
        let begun = configuration.now()
        while !Task.isCancelled, let record = records[id], record.state == .starting, !held.contains(id) {
            guard await goesOn(record) else { return }
            let elapsed = Double(configuration.now() - (record.startedAt ?? 0)) / 1000
            guard elapsed < Double(record.timeout) else {
                let missing = Self.missing(record).map(\.rawValue) ?? ""
                await failed(id, "it was not ready after \(record.timeout) seconds: \(missing) is missing", .timedOut)
                return
            }
            guard let kind = Self.missing(record) else { return await becameReady(id) }
            let left = Duration.seconds(Double(record.timeout) - elapsed)
            let probe = InstanceProbe(
                record: record, folder: folder(id), runner: configuration.runner, patience: left,
                hasStayed: configuration.now() - begun >= 1000)
            if let found = await probe.look(for: kind) {
                await reached(id, record.starts, kind, found)
            } else {
                try? await Task.sleep(for: configuration.tick)  // cancellation is seen above
            }
        }
    }

    private static func missing(_ record: InstanceRecord) -> InstanceStage.Kind? {
        record.expectedStages.first { kind in !record.stages.contains { $0.kind == kind } }
    }

    private func reached(_ id: Identifier, _ start: Int, _ kind: InstanceStage.Kind, _ found: InstanceProbe.Found) async
    {
        // It may have been started anew while it was looked at.
        guard let record = records[id], record.state == .starting, record.starts == start else { return }
        let seconds = Double(configuration.now() - (record.startedAt ?? 0)) / 1000
        records[id]?.stages.append(InstanceStage(kind: kind, seconds: seconds, note: found.note))
        if let user = found.user { records[id]?.user = user }
        var data: [String: JSONValue] = ["stage": .string(kind.rawValue), "seconds": .number(seconds)]
        if let note = found.note { data["note"] = .string(note) }
        await note(id, "instance.reached", data)
    }

    private func becameReady(_ id: Identifier) async {
        guard step(id, { $0.becameReady() }) == true else { return }
        records[id]?.readyAt = configuration.now()
        await note(id, "instance.ready")
    }

    /// Looks whether it still runs.
    private func watch(_ id: Identifier) async {
        while !Task.isCancelled, let record = records[id], record.state == .ready {
            guard await goesOn(record) else { return }
            try? await Task.sleep(for: configuration.tick * 2)  // cancellation is seen above
        }
    }

    private func bringDown(_ id: Identifier) async {
        let isContainer = records[id]?.isContainer == true
        let deadline = ContinuousClock.now + (isContainer ? configuration.containerGrace : configuration.grace)
        var nextWord = ContinuousClock.now
        while !Task.isCancelled, let record = records[id], record.state == .stopping {
            guard await isRunning(record) else { return await ended(id) }
            if ContinuousClock.now >= deadline { await kill(id) }
            if ContinuousClock.now >= nextWord {
                // Again and again: a system that is still starting does not hear the first one.
                try? await engine(record).powerDown(bareSpec(record))  // the deadline is for what does not hear it
                nextWord = .now + .seconds(10)
            }
            try? await Task.sleep(for: configuration.tick / 2)  // cancellation is seen above
        }
    }

    /// False when it has ended or has to.
    private func goesOn(_ record: InstanceRecord) async -> Bool {
        guard await isRunning(record) else {
            await ended(record.id)
            return false
        }
        if let end = record.leaseEnd, configuration.now() >= end {
            _ = try? await requestStop(record.id, "its lease ended")  // tried again at the next look
            return false
        }
        trimConsole(record)
        return true
    }

    func isRunning(_ record: InstanceRecord) async -> Bool {
        guard let engine = try? engine(record) else { return false }
        return await engine.isRunning(bareSpec(record))
    }

    // MARK: Ends

    /// What ran of it has ended.
    func ended(_ id: Identifier) async {
        guard let record = records[id], record.state.mayRun else { return }
        let ending = try? await engine(record).ending(bareSpec(record))
        if record.state == .starting {
            return await failed(
                id, "it ended by itself before it was ready" + (ending.map { ": \($0)" } ?? ""))
        }
        // What shared its folders ends with it.
        await kill(id)
        guard
            step(id, { $0.ended(ending ?? (record.isContainer ? "it ended by itself" : "it switched itself off")) })
                == true
        else { return }
        rest(id)
        let reason = records[id]?.reason
        await note(id, "instance.stopped", reason.map { ["reason": .string($0)] } ?? [:])
    }

    func failed(_ id: Identifier, _ reason: String, _ code: ErrorCode = .instanceFailed) async {
        guard records[id]?.state == .starting else { return }
        // Before anybody is told, so that nothing of it runs and all is known then.
        await kill(id)
        let tail = records[id].map { InstanceConsole($0, folder(id)).tail(30, since: $0.consoleStart ?? 0) } ?? []
        guard step(id, { $0.startFailed(reason) }) == .kill else { return }
        records[id]?.consoleTail = tail
        rest(id)
        await note(
            id, "instance.failed",
            [
                "code": .string(code.rawValue), "reason": .string(reason),
                "console": .array(tail.map { .string($0) }),
            ])
    }

    /// A lease is of what runs; the next start begins another one.
    private func rest(_ id: Identifier) {
        records[id]?.stoppedAt = configuration.now()
        records[id]?.leaseEnd = nil
    }

    /// A guest may write without end; the newest is kept.
    private func trimConsole(_ record: InstanceRecord) {
        do { try InstanceConsole(record, folder(record.id)).trim(limit: Self.consoleLimit) } catch {
            logger.warning("can't trim a console", metadata: ["instance": "\(record.id)", "error": "\(error)"])
        }
    }
}
