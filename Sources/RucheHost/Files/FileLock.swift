import Glibc
package import SystemPackage

/// An exclusive lock between processes on a file (flock(2)). The kernel drops it when the process dies,
/// so there is no stale lock.
package final class FileLock: Sendable {
    private let descriptor: FileDescriptor

    private init(descriptor: FileDescriptor) { self.descriptor = descriptor }

    deinit {
        // A program that is started meanwhile has the descriptor as well until its exec, and the lock with it: closing
        // alone would leave it locked for that long.
        flock(descriptor.rawValue, LOCK_UN)
        try? descriptor.close()  // there is nobody to tell of a failure
    }

    /// Nil when another process holds it. Never blocks. The file's content is replaced by `note`.
    package static func tryAcquire(_ path: FilePath, note: String = "\(getpid())\n") throws -> FileLock? {
        let descriptor = try FileDescriptor.open(
            path, .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            try? descriptor.close()  // the reason below is the one to report
            if reason == EWOULDBLOCK { return nil }
            throw Errno(rawValue: reason)
        }
        ftruncate(descriptor.rawValue, 0)
        _ = try descriptor.writeAll(toAbsoluteOffset: 0, note.utf8)
        return FileLock(descriptor: descriptor)
    }

    /// Waits for the lock, asking every 20 ms so that no thread blocks. Cancellable.
    package static func acquire(_ path: FilePath) async throws -> FileLock {
        while true {
            if let lock = try tryAcquire(path) { return lock }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
