import CLibarchive
import Glibc
package import SystemPackage

/// Calls that make whole trees durable and visible at once.
package enum DurableTree {
    /// Writes everything of the file system that holds `folder` to the disk.
    package static func sync(_ folder: FilePath) throws {
        let descriptor = try FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec])
        try descriptor.closeAfter {
            guard syncfs(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
    }

    /// Starts writing an open file to the disk, so that a sync of several files has to wait only once. It is no error
    /// when the file system does not do that.
    package static func startWriting(_ file: FileDescriptor) {
        let write: UInt32 = 2  // SYNC_FILE_RANGE_WRITE
        _ = sync_file_range(file.rawValue, 0, 0, write)
    }

    /// Renames a file or folder durably, and throws `Errno.fileExists` rather than replace anything.
    package static func moveWithoutReplacing(_ source: FilePath, to target: FilePath) throws {
        let noReplace: UInt32 = 1
        guard renameat2(AT_FDCWD, source.string, AT_FDCWD, target.string, noReplace) == 0 else {
            throw Errno(rawValue: errno)
        }
        try AtomicFile.syncFolder(target.removingLastComponent())
    }
}
