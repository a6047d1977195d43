/// What a container may use. Nil means the engine's default for jobs.
package struct ResourceLimits: Hashable, Sendable, Codable {
    /// CPUs, such as 1.5 (CFS quota over period).
    package var cpus: Double?
    /// Bytes of memory, swap included: the job gets no swap beyond it.
    package var memory: ByteCount?
    /// Processes and threads together.
    package var processes: Int?
    /// Bytes under outputs, logs and the private writable layer.
    package var disk: ByteCount?
    /// Seconds of wall time from start, pauses included.
    package var time: Int?

    package init(
        cpus: Double? = nil, memory: ByteCount? = nil, processes: Int? = nil, disk: ByteCount? = nil, time: Int? = nil
    ) {
        self.cpus = cpus
        self.memory = memory
        self.processes = processes
        self.disk = disk
        self.time = time
    }
}
