import Glibc
package import SystemPackage

extension FileDescriptor {
    /// Returns when what was written, or renamed in a folder, is on the disk.
    package func sync() throws {
        guard fsync(rawValue) == 0 else { throw Errno(rawValue: errno) }
    }
}
