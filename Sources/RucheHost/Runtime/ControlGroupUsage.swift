/// What the processes of a control group have used; numbers the kernel does not keep are 0.
package struct ControlGroupUsage: Hashable, Sendable {
    /// CPU time, nanoseconds, user and system together.
    package var cpuNanoseconds: UInt64 = 0
    /// When that was read; nil when it was not there to be read.
    package var takenAt: ContinuousClock.Instant?
    /// Bytes without page cache that can be dropped.
    package var memoryBytes: UInt64 = 0
    /// The greatest number of bytes so far, page cache included.
    package var memoryPeakBytes: UInt64 = 0
    package var memoryLimitBytes: UInt64?
    package var processes: UInt64 = 0
    /// Bytes from and to block devices.
    package var readBytes: UInt64 = 0
    package var writtenBytes: UInt64 = 0
}
