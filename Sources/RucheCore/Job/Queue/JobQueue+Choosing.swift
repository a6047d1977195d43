extension JobQueue {
    /// The best of one owner's jobs of one priority, with what it is compared by.
    private struct Candidate {
        var id: Identifier
        var owner: String
        var lane: Int
        var priority: Int
        var level: Double
        var recent: Double

        func comes(before other: Self) -> Bool {
            if priority != other.priority { return priority > other.priority }
            if level != other.level { return level < other.level }
            if recent != other.recent { return recent < other.recent }
            return id < other.id
        }
    }

    /// Gives room to the next job that may run now, and returns it; nil when none may.
    package mutating func next(now: Duration) -> Identifier? {
        for name in engines.keys.sorted() {
            guard let id = choose(name, now) else { continue }
            run(id, now)
            return id
        }
        return nil
    }

    private mutating func choose(_ name: String, _ now: Duration) -> Identifier? {
        guard let engine = engines[name], engine.isReady, engine.waiting > 0,
            engine.used.slots < engine.capacity.total.slots ?? .max
        else { return nil }
        let candidates = candidates(engine, now)
        var held: Set<String> = []
        var passed: [Identifier] = []
        // First the head of every lane, in order; then, behind heads that find no room, what is smaller.
        for candidate in candidates where !held.contains(candidate.owner) {
            guard !fits(candidate.id, candidate.owner, engine) else {
                for id in passed { notePassed(id, now) }
                return candidate.id
            }
            if isImpatient(candidate.id, now) {
                guard engine.capacity.total.allows(engine.used + demand(candidate.id)) else {
                    return nil
                }
                held.insert(candidate.owner)
            }
            passed.append(candidate.id)
        }
        for candidate in candidates where !held.contains(candidate.owner) {
            let lane = engine.owners[candidate.owner]?.lanes[candidate.lane]?.prefix(Self.depth) ?? []
            for id in lane.dropFirst() where fits(id, candidate.owner, engine) {
                for head in passed { notePassed(head, now) }
                return id
            }
        }
        return nil
    }

    private func candidates(_ engine: EngineQueue, _ now: Duration) -> [Candidate] {
        let top = engine.topPriority
        var result: [Candidate] = []
        for (owner, queue) in engine.owners where queue.waiting > 0 {
            let level = engine.capacity.total.level(queue.used)
            let recent = queue.recentUse(now)
            for (priority, lane) in queue.lanes {
                guard let head = lane.first, let entry = entries[head] else { continue }
                let waited = Int(clamping: max(.zero, now - entry.job.since).components.seconds)
                result.append(
                    Candidate(
                        id: head, owner: owner, lane: priority, priority: min(priority + waited / Self.ageing, top),
                        level: level, recent: recent))
            }
        }
        return result.sorted { $0.comes(before: $1) }
    }

    private func demand(_ id: Identifier) -> ResourceUse { entries[id].map { demand(of: $0.job) } ?? ResourceUse() }

    private func fits(_ id: Identifier, _ owner: String, _ engine: EngineQueue) -> Bool {
        let demand = demand(id)
        return engine.capacity.total.allows(engine.used + demand)
            && engine.capacity.perOwner.allows((engine.owners[owner]?.used ?? ResourceUse()) + demand)
    }

    private func isImpatient(_ id: Identifier, _ now: Duration) -> Bool {
        entries[id]?.passedAt.map { now - $0 >= Self.patience } ?? false
    }
}
