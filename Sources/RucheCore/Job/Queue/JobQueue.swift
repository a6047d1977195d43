/// Which job starts next, on which engine: a pure value without a clock, which is told what happens and when.
///
/// Engines have queues of their own. On each, the next job is found in this order:
///
/// 1. **Priority.** A waiting job gains a point a minute, but never gets over the highest priority that waits for the
///    same engine: what is unimportant becomes as important as the rest and is then served by its turn.
/// 2. **Fair share.** The owner who takes least of the engine now (in slots, by the resource of which the owner takes
///    most), then the one who took least recently (slots × seconds of ended jobs, halved every hour).
/// 3. **Age.**
///
/// A job that finds too little CPU or memory is passed by smaller ones, for at most ten minutes from when it was first
/// passed; then the engine is kept free for it. A job that only its owner's limits hold back holds back, after the same
/// time, nobody but that owner's other jobs.
package struct JobQueue: Sendable {
    enum Place: Hashable, Sendable {
        /// Something other than room keeps it from running.
        case held
        /// It waits for room.
        case ready
        /// It has its room since.
        case running(ResourceUse, since: Duration)
    }
    struct Entry: Hashable, Sendable {
        var job: QueuedJob
        var place = Place.held
        /// Jobs that it waits for.
        var pending: Set<Identifier> = []
        var holds: Set<JobWaiting> = []
        /// When a job that came after it in the order was first let pass.
        var passedAt: Duration?
    }

    /// Seconds that a job waits for one more point of priority.
    static let ageing = 60
    /// How long jobs that need less may pass one that finds no room.
    static let patience = Duration.seconds(600)
    /// So many jobs of one owner and priority are looked at for one that fits.
    static let depth = 32

    var engines: [String: EngineQueue]
    private(set) var entries: [Identifier: Entry] = [:]
    private var dependents: [Identifier: [Identifier]] = [:]

    package init(_ capacities: [String: EngineCapacity]) {
        engines = capacities.mapValues { EngineQueue(capacity: $0) }
    }

    package func contains(_ id: Identifier) -> Bool { entries[id] != nil }
    package func isRunning(_ id: Identifier) -> Bool { if case .running? = entries[id]?.place { true } else { false } }
    package func isReady(_ engine: String) -> Bool { engines[engine]?.isReady ?? false }
    /// Every job that is here.
    package var ids: some Collection<Identifier> { entries.keys }

    // MARK: Jobs come and go

    /// Puts a job in the queue. `pending` are jobs that are not over and that it comes after.
    package mutating func add(_ job: QueuedJob, after pending: Set<Identifier> = [], holds: Set<JobWaiting> = []) {
        remove(job.id, now: job.since)
        if engines[job.engine] == nil { engines[job.engine] = EngineQueue(capacity: .init(total: .init(slots: 1))) }
        entries[job.id] = Entry(job: job, pending: pending, holds: holds)
        for other in pending { dependents[other, default: []].append(job.id) }
        settle(job.id)
    }

    /// Counts a job that runs already, whatever the limits say.
    package mutating func addRunning(_ job: QueuedJob, now: Duration) {
        remove(job.id, now: now)
        entries[job.id] = Entry(job: job)
        run(job.id, now)
    }

    /// Takes a job out of the queue, or gives back what it took when it ran.
    package mutating func remove(_ id: Identifier, now: Duration) {
        guard let entry = entries[id] else { return }
        leave(entry, now)
        for other in entry.pending { dependents[other]?.removeAll { $0 == id } }
        entries[id] = nil
    }

    /// Puts a job that had its turn and did not run back where it was.
    package mutating func giveBack(_ id: Identifier, holds: Set<JobWaiting> = [], now: Duration) {
        guard let entry = entries[id] else { return }
        leave(entry, now)
        entries[id]?.place = .held
        entries[id]?.holds = holds
        settle(id)
    }

    /// A job is over. Returns the jobs that came after it: those that need not wait for it any more, or that can't
    /// run at all when it did not succeed.
    package mutating func ended(_ id: Identifier, succeeded: Bool, now: Duration) -> [Identifier] {
        remove(id, now: now)
        let waiting = (dependents.removeValue(forKey: id) ?? []).sorted()
        guard succeeded else { return waiting }
        for other in waiting {
            entries[other]?.pending.remove(id)
            settle(other)
        }
        return waiting
    }

    // MARK: What keeps a job from running

    package mutating func hold(_ id: Identifier, _ reason: JobWaiting) {
        entries[id]?.holds.insert(reason)
        settle(id)
    }

    package mutating func letGo(_ id: Identifier, _ reason: JobWaiting) {
        entries[id]?.holds.remove(reason)
        settle(id)
    }

    /// False holds every job of the engine back.
    package mutating func setReady(_ engine: String, _ isReady: Bool) { engines[engine]?.isReady = isReady }

    /// Changes the priority of a job that waits; false for another one.
    package mutating func setPriority(_ id: Identifier, _ priority: Int) -> Bool {
        guard let entry = entries[id], !isRunning(id) else { return false }
        if entry.place == .ready { engines[entry.job.engine]?.remove(entry.job) }
        entries[id]?.job.priority = priority
        entries[id]?.place = .held
        settle(id)
        return true
    }

    // MARK: Places

    /// Moves a job between held and ready.
    private mutating func settle(_ id: Identifier) {
        guard let entry = entries[id], !isRunning(id) else { return }
        let isReady = entry.pending.isEmpty && entry.holds.isEmpty
        if isReady, entry.place == .held {
            engines[entry.job.engine]?.insert(entry.job)
            entries[id]?.place = .ready
        } else if !isReady, entry.place == .ready {
            engines[entry.job.engine]?.remove(entry.job)
            entries[id]?.place = .held
        }
    }

    private mutating func leave(_ entry: Entry, _ now: Duration) {
        switch entry.place {
        case .held: break
        case .ready: engines[entry.job.engine]?.remove(entry.job)
        case .running(let demand, let start):
            engines[entry.job.engine]?.giveBack(demand, owner: entry.job.owner, from: start, to: now)
        }
    }

    mutating func run(_ id: Identifier, _ now: Duration) {
        guard let entry = entries[id] else { return }
        leave(entry, now)
        let demand = demand(of: entry.job)
        engines[entry.job.engine]?.take(demand, owner: entry.job.owner)
        entries[id]?.place = .running(demand, since: now)
        entries[id]?.passedAt = nil
    }

    mutating func notePassed(_ id: Identifier, _ now: Duration) {
        if entries[id]?.passedAt == nil { entries[id]?.passedAt = now }
    }

    func demand(of job: QueuedJob) -> ResourceUse {
        engines[job.engine]?.capacity.demand(cpus: job.cpus, memory: job.memory) ?? ResourceUse(slots: 1)
    }
}
