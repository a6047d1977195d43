import Glibc

/// Seconds since the machine started, time asleep included: the same for every process, and nobody sets it.
package enum MachineClock {
    package static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
