/// What jobs take of an engine together, or one of them alone.
package struct ResourceUse: Hashable, Sendable, Codable {
    package var slots: Int
    package var cpus: Double
    /// Bytes.
    package var memory: Int64

    package init(slots: Int = 0, cpus: Double = 0, memory: Int64 = 0) {
        self.slots = slots
        self.cpus = cpus
        self.memory = memory
    }

    static func + (left: Self, right: Self) -> Self {
        Self(slots: left.slots + right.slots, cpus: left.cpus + right.cpus, memory: left.memory + right.memory)
    }

    static func - (left: Self, right: Self) -> Self {
        Self(slots: left.slots - right.slots, cpus: left.cpus - right.cpus, memory: left.memory - right.memory)
    }
}
