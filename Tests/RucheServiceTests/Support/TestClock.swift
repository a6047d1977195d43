import Synchronization

/// A clock that goes when it is told to.
final class TestClock: Sendable {
    private let time = Mutex<Int64>(1_700_000_000_000)

    /// Milliseconds since 1970.
    var now: Int64 { time.withLock { $0 } }

    private let origin = ContinuousClock.now

    /// The clock that nobody sets, gone as far as `advance` took it; `jump` leaves it alone.
    var instant: ContinuousClock.Instant { origin + .milliseconds(passed.withLock { $0 }) }

    private let passed = Mutex<Int64>(0)

    /// Somebody sets the clock on the wall.
    func jump(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }

    func advance(_ milliseconds: Int64) {
        time.withLock { $0 += milliseconds }
        passed.withLock { $0 += milliseconds }
    }
}
