package import RucheCore

/// `PATCH /api/v1/jobs/{id}`.
package struct JobChange: Codable, Sendable {
    package var priority: Int
    package init(priority: Int) { self.priority = priority }
}

/// The queue before one engine, as `GET /api/v1/queue` lists them.
package struct QueueDocument: Codable, Hashable, Sendable {
    package var engine: String
    /// False while its jobs wait for the engine itself.
    package var ready: Bool
    /// What jobs may take together, and those of one owner.
    package var limits: QueueLimits
    package var ownerLimits: QueueLimits
    package var used: ResourceUse
    /// Jobs that wait for room, and for something else.
    package var waiting: Int
    package var held: Int
    package var owners: [Owner]

    package struct Owner: Codable, Hashable, Sendable {
        package var owner: String
        package var used: ResourceUse
        package var waiting: Int
        package init(owner: String, used: ResourceUse, waiting: Int) {
            self.owner = owner
            self.used = used
            self.waiting = waiting
        }
    }

    package init(
        engine: String, ready: Bool, limits: QueueLimits, ownerLimits: QueueLimits, used: ResourceUse, waiting: Int,
        held: Int, owners: [Owner]
    ) {
        self.engine = engine
        self.ready = ready
        self.limits = limits
        self.ownerLimits = ownerLimits
        self.used = used
        self.waiting = waiting
        self.held = held
        self.owners = owners
    }
}
