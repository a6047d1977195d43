/// What a job used in all.
package struct JobUsage: Hashable, Sendable, Codable {
    package var cpuSeconds: Double
    /// CPUs in use on average; 1 is one CPU all the time.
    package var meanCPUs: Double?
    package var memoryPeakBytes: UInt64
    package var readBytes: UInt64
    package var writtenBytes: UInt64

    package init(
        cpuSeconds: Double, meanCPUs: Double? = nil, memoryPeakBytes: UInt64, readBytes: UInt64, writtenBytes: UInt64
    ) {
        self.cpuSeconds = cpuSeconds
        self.meanCPUs = meanCPUs
        self.memoryPeakBytes = memoryPeakBytes
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
    }
}
