import Glibc
import SystemPackage

/// Files that say by a lock (flock) that the process which made them lives.
enum LockedFile {
    /// Makes a new locked file with a name nobody else has.
    static func make(
        in folder: FilePath, suffix: String, options: FileDescriptor.OpenOptions = []
    ) throws -> (FilePath, FileDescriptor) {
        while true {
            let path = folder.appending("\(getpid()).\(UInt64.random(in: .min ... .max)).\(suffix)")
            let descriptor = try FileDescriptor.open(
                path, .readWrite, options: options.union([.create, .exclusiveCreate, .closeOnExec]),
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            // Between the two calls another process may take the file for a dead one's and remove it.
            var status = stat()
            if flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0, fstat(descriptor.rawValue, &status) == 0,
                status.st_nlink > 0
            {
                return (path, descriptor)
            }
            try descriptor.close()
        }
    }

    /// Removes the file when no process holds its lock; true when it is gone.
    static func removeIfDead(_ path: FilePath) throws -> Bool {
        let descriptor = open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return true }
            throw Errno(rawValue: errno)
        }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return false }
        unlink(path.string)
        return true
    }
}
