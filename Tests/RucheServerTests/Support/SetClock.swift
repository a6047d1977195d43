import RucheService
import Synchronization

/// A clock on the wall that a test puts forward.
final class SetClock: Sendable {
    private let shift = Mutex<Int64>(0)

    var milliseconds: Int64 { SystemTime.milliseconds() + shift.withLock { $0 } }

    func forward(milliseconds: Int64) { shift.withLock { $0 += milliseconds } }
}
