import Glibc
package import RucheCore
import RucheHost
package import SystemPackage

extension FileContentStore {
    /// By a hard link, so that a crash at any time leaves the caller's file, the blob, or both. Copies from another
    /// file system.
    package func adopt(_ path: FilePath, as digest: Digest) async throws {
        let temporary = ingest.appending("\(getpid()).\(UInt64.random(in: .min ... .max)).adopted")
        do {
            // Locked while it has the other name, as everything in that folder that is not left over.
            let lock = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
            defer { try? lock.close() }  // closing drops the lock
            guard flock(lock.rawValue, LOCK_SH | LOCK_NB) == 0 else { throw Errno(rawValue: errno) }
            guard chmod(path.string, 0o644) == 0 else { throw Errno(rawValue: errno) }
            if link(path.string, temporary.string) == 0 {
                // Renaming does nothing when both names are one file already.
                defer { unlink(temporary.string) }
                try await place(temporary, as: digest)
                return
            }
            guard [EXDEV, EPERM, EMLINK].contains(errno) else { throw Errno(rawValue: errno) }
        } catch let error as Errno {
            throw RucheError.storage(error, "adopt", path)
        }
        _ = try await ingest(path, expected: digest)
    }
}
