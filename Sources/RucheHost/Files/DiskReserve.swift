import Glibc
import RucheCore
package import SystemPackage

/// Space that uploads leave free, so that a disk which they fill still takes the server's own records: what is running
/// goes on, and what is here is still given.
package enum DiskReserve {
    private static let most: UInt64 = 64 << 20
    /// With less than this nothing can be written that is worth it.
    private static let least: UInt64 = 1 << 20

    /// Whether nothing is left where a folder is: why a program failed that does not say so, or says something else.
    package static func isUsedUp(in folder: FilePath) -> Bool {
        var status = statvfs()
        guard statvfs(folder.string, &status) == 0 else { return false }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize) < least || (status.f_files > 0 && status.f_favail == 0)
    }

    /// Throws `disk_full` when less is free where a folder is. At most a twentieth of a small disk is kept.
    package static func require(in folder: FilePath) throws {
        var status = statvfs()
        guard statvfs(folder.string, &status) == 0 else { return }  // what writes there says why
        let size = UInt64(status.f_blocks) * UInt64(status.f_frsize)
        guard UInt64(status.f_bavail) * UInt64(status.f_frsize) < min(most, size / 20) else { return }
        throw RucheError(
            .diskFull, "the disk is full: nothing can be uploaded until something is removed and \"ruche gc\" was run")
    }
}
