/// One look at a running job. Sums since its start, except `cpus` and `memoryBytes`.
package struct UsagePoint: Hashable, Sendable, Codable {
    /// Milliseconds since 1970.
    package var time: Int64
    package var cpuSeconds: Double
    /// CPUs in use since the point before; nil at the first.
    package var cpus: Double?
    package var memoryBytes: UInt64
    package var memoryPeakBytes: UInt64
    package var readBytes: UInt64
    package var writtenBytes: UInt64

    package init(
        time: Int64, cpuSeconds: Double, cpus: Double? = nil, memoryBytes: UInt64, memoryPeakBytes: UInt64,
        readBytes: UInt64, writtenBytes: UInt64
    ) {
        self.time = time
        self.cpuSeconds = cpuSeconds
        self.cpus = cpus
        self.memoryBytes = memoryBytes
        self.memoryPeakBytes = memoryPeakBytes
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
    }

    /// This one and the next as one: the later's sums, the mean of both rates, the higher memory.
    func joined(with next: Self) -> Self {
        var point = next
        if let mine = cpus { point.cpus = ((next.cpus ?? mine) + mine) / 2 }
        point.memoryBytes = max(memoryBytes, next.memoryBytes)
        return point
    }
}
