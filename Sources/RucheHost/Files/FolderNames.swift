import Glibc
import SystemPackage

/// The names in an open folder.
package enum FolderNames {
    /// As raw bytes without a zero, in no order, `.` and `..` left out. The descriptor stays open and where it was.
    package static func read(_ folder: Int32) throws -> [[UInt8]] {
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw Errno(rawValue: errno) }
        guard let stream = fdopendir(copy) else {
            let reason = errno
            close(copy)
            throw Errno(rawValue: reason)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.baseAddress.map { Array(UnsafeRawBufferPointer(start: $0, count: strnlen($0, 256))) } ?? []
            }
            if name != [46], name != [46, 46] { names.append(name) }
        }
        return names
    }
}
