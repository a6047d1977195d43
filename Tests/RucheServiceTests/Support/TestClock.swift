import Synchronization

/// A clock that goes when it is told to.
final class TestClock: Sendable {
    private let time = Mutex<Int64>(1_700_000_000_000)

    /// Milliseconds since 1970.
    var now: Int64 { time.withLock { $0 } }

    func advance(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}
