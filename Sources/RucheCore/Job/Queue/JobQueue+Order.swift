extension JobQueue {
    /// Why a job waits; nil for one that does not.
    package func waiting(_ id: Identifier) -> JobWaiting? {
        guard let entry = entries[id], !isRunning(id) else { return nil }
        if !entry.pending.isEmpty { return .dependency }
        for reason in [JobWaiting.dependency, .upload, .retry, .engine] where entry.holds.contains(reason) {
            return reason
        }
        return engines[entry.job.engine]?.isReady == false ? .engine : .slot
    }

    /// Which of the jobs that wait for room on its engine comes when, from 1, if nothing else came: by priority, then
    /// in turns of the owners. Nil for a job that waits for something else.
    ///
    /// An estimate: ageing, sizes and the ends of jobs change it. Does not look at every job.
    package func position(_ id: Identifier) -> Int? {
        guard let entry = entries[id], entry.place == .ready, let engine = engines[entry.job.engine],
            let own = engine.owners[entry.job.owner], let lane = own.lanes[entry.job.priority]
        else { return nil }
        let ahead = lane.index(of: id)
        // The slots that its owner has when its turn comes, counted on from those that the owner has now.
        let level = own.used.slots + ahead
        var position = 1 + ahead
        for (name, queue) in engine.owners {
            for (priority, other) in queue.lanes where priority > entry.job.priority { position += other.count }
            guard name != entry.job.owner, let other = queue.lanes[entry.job.priority] else { continue }
            let isFirst = (other.first ?? id) < (lane.first ?? id)
            position += min(other.count, max(0, level - queue.used.slots + (isFirst ? 1 : 0)))
        }
        return position
    }

    /// One engine as it is now.
    package struct Overview: Hashable, Sendable {
        package struct Owner: Hashable, Sendable {
            package var name: String
            package var used: ResourceUse
            package var waiting: Int
        }
        package var engine: String
        package var isReady: Bool
        package var capacity: EngineCapacity
        package var used: ResourceUse
        /// Jobs that wait for room.
        package var waiting: Int
        /// Jobs that wait for something else.
        package var held: Int
        package var owners: [Owner]
    }

    package var overview: [Overview] {
        let held = Dictionary(grouping: entries.values.filter { $0.place == .held }, by: \.job.engine)
        return engines.sorted { $0.key < $1.key }.map { name, queue in
            let own = Dictionary(grouping: held[name] ?? [], by: \.job.owner)
            return Overview(
                engine: name, isReady: queue.isReady, capacity: queue.capacity, used: queue.used,
                waiting: queue.waiting, held: held[name]?.count ?? 0,
                owners: Set(queue.owners.keys).union(own.keys).sorted().compactMap { owner in
                    let used = queue.owners[owner]?.used ?? ResourceUse()
                    let waiting = (queue.owners[owner]?.waiting ?? 0) + (own[owner]?.count ?? 0)
                    return used.slots + waiting == 0 ? nil : .init(name: owner, used: used, waiting: waiting)
                })
        }
    }

    /// Every job here: those that run, then those that wait for room in their order, then the others by age.
    package func order(engine: String? = nil, owner: String? = nil) -> [Identifier] {
        entries.values.filter { entry in
            (engine == nil || entry.job.engine == engine) && (owner == nil || entry.job.owner == owner)
        }.map { entry -> (Int, Int, Identifier) in
            switch entry.place {
            case .running: (0, 0, entry.job.id)
            case .ready: (1, position(entry.job.id) ?? 0, entry.job.id)
            case .held: (2, 0, entry.job.id)
            }
        }.sorted { $0 < $1 }.map(\.2)
    }
}
