/// What the queue knows of a job.
package struct QueuedJob: Hashable, Sendable {
    package static let priorities = -100...100

    package var id: Identifier
    package var owner: String
    package var engine: String
    /// −100…100; more comes first.
    package var priority: Int
    package var cpus: Double?
    /// Bytes.
    package var memory: Int64?
    /// Since when it waits, on the clock of the queue; negative for one that an earlier process accepted.
    package var since: Duration

    package init(
        id: Identifier, owner: String, engine: String, priority: Int = 0, cpus: Double? = nil, memory: Int64? = nil,
        since: Duration = .zero
    ) {
        self.id = id
        self.owner = owner
        self.engine = engine
        self.priority = priority
        self.cpus = cpus
        self.memory = memory
        self.since = since
    }
}
