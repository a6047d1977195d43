/// The queue before one engine.
struct EngineQueue: Hashable, Sendable {
    var capacity: EngineCapacity
    var isReady = true
    var owners: [String: OwnerQueue] = [:]
    var used = ResourceUse()
    var waiting = 0

    init(capacity: EngineCapacity) { self.capacity = capacity }

    var topPriority: Int { owners.values.flatMap(\.lanes.keys).max() ?? 0 }

    mutating func insert(_ job: QueuedJob) {
        owners[job.owner, default: OwnerQueue()].insert(job.id, priority: job.priority)
        waiting += 1
    }

    mutating func remove(_ job: QueuedJob) {
        owners[job.owner]?.remove(job.id, priority: job.priority)
        waiting -= 1
    }

    mutating func take(_ demand: ResourceUse, owner: String) {
        used = used + demand
        let taken = (owners[owner]?.used ?? ResourceUse()) + demand
        owners[owner, default: OwnerQueue()].used = taken
    }

    mutating func giveBack(_ demand: ResourceUse, owner: String, from start: Duration, to now: Duration) {
        used = used - demand
        let level = capacity.total.level(demand)
        let left = (owners[owner]?.used ?? demand) - demand
        owners[owner]?.used = left
        owners[owner]?.account(level: level, from: start, to: now)
    }
}
