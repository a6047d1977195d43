package import RucheCore

/// Where a job stands in the queue.
package struct JobPlace: Hashable, Sendable {
    /// Nil for a job that does not wait.
    package var waiting: JobWaiting?
    /// Among those that wait for room on its engine, from 1.
    package var position: Int?

    package init(waiting: JobWaiting? = nil, position: Int? = nil) {
        self.waiting = waiting
        self.position = position
    }
}

extension JobService {
    package func place(_ id: Identifier) -> JobPlace {
        guard let waiting = queue.waiting(id) else { return JobPlace() }
        return JobPlace(waiting: waiting, position: queue.position(id))
    }

    package func queueOverview() -> [JobQueue.Overview] { queue.overview }

    /// Jobs that are in the queue or run: those that run first, then in the order of the queue.
    package func queueOrder(engine: String? = nil, owner: String? = nil) -> [JobRecord] {
        queue.order(engine: engine, owner: owner).compactMap { active[$0]?.record }
    }
}
