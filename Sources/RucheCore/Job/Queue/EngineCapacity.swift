/// The limits of one engine: of all jobs together, and of those of each owner.
package struct EngineCapacity: Hashable, Sendable {
    package var total: QueueLimits
    package var perOwner: QueueLimits

    package init(total: QueueLimits, perOwner: QueueLimits = QueueLimits()) {
        self.total = total
        self.perOwner = perOwner
    }

    /// What a job with these limits counts as. One that names none counts as an equal part of the engine; none
    /// counts as more than the engine has, so that each can run at least alone.
    package func demand(cpus: Double?, memory: Int64?) -> ResourceUse {
        let slots = max(total.slots ?? 1, 1)
        var use = ResourceUse(slots: 1)
        if let all = least(total.cpus, perOwner.cpus) { use.cpus = min(cpus ?? all / Double(slots), all) }
        if let all = least(total.memory, perOwner.memory) { use.memory = min(memory ?? all / Int64(slots), all) }
        return use
    }

    private func least<Value: Comparable>(_ left: Value?, _ right: Value?) -> Value? {
        [left, right].compactMap(\.self).min()
    }
}
