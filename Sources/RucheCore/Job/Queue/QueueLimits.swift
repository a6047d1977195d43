/// What jobs may take of an engine at the same time. Nil bounds nothing.
package struct QueueLimits: Hashable, Sendable, Codable {
    package var slots: Int?
    package var cpus: Double?
    /// Bytes.
    package var memory: Int64?

    package init(slots: Int? = nil, cpus: Double? = nil, memory: Int64? = nil) {
        self.slots = slots
        self.cpus = cpus
        self.memory = memory
    }

    /// Sums of fractions of CPUs are not exact.
    private static let tolerance = 1e-6

    func allows(_ use: ResourceUse) -> Bool {
        use.slots <= slots ?? .max && use.cpus <= (cpus ?? .infinity) + Self.tolerance && use.memory <= memory ?? .max
    }

    /// How much of the engine this is, in slots: a job that takes a quarter of the memory of an engine with eight
    /// slots takes as much as two. The resource of which it takes most counts.
    func level(_ use: ResourceUse) -> Double {
        let slots = Double(self.slots ?? max(use.slots, 1))
        var share = Double(use.slots) / slots
        if let cpus, cpus > 0 { share = max(share, use.cpus / cpus) }
        if let memory, memory > 0 { share = max(share, Double(use.memory) / Double(memory)) }
        return share * slots
    }
}
