import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Who uses a workbench without a daemon: many share it, one has it alone. The kernel drops the lock of a process that
/// dies, so that the next one finds nobody and clears up.
final class UseLock: Sendable {
    private let descriptor: Int32

    init(_ path: FilePath) throws {
        descriptor = open(path.string, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    }

    deinit { close(descriptor) }

    /// False when somebody else uses the workbench. Also turns a share into the whole.
    func takeAlone() throws -> Bool { try take(LOCK_EX) }

    /// False when somebody has it alone.
    func share() throws -> Bool { try take(LOCK_SH) }

    private func take(_ kind: Int32) throws -> Bool {
        if flock(descriptor, kind | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw Errno(rawValue: errno) }
        return false
    }
}
