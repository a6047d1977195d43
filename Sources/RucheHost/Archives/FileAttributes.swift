import CLibarchive
import Glibc
import SystemPackage

/// Extended attributes of an open file. Names are raw bytes without a zero.
package enum FileAttributes {
    package static func names(_ descriptor: Int32) throws -> [[UInt8]] {
        let size = flistxattr(descriptor, nil, 0)
        if size == 0 || (size < 0 && errno == EOPNOTSUPP) { return [] }
        guard size > 0 else { throw Errno(rawValue: errno) }
        var buffer = [CChar](repeating: 0, count: size)
        let count = flistxattr(descriptor, &buffer, size)
        guard count >= 0 else { throw Errno(rawValue: errno) }
        return buffer[..<count].split(separator: 0).map { $0.map { UInt8(bitPattern: $0) } }
    }

    /// Nil when there is no such attribute.
    package static func value(of name: [UInt8], _ descriptor: Int32) throws -> [UInt8]? {
        let name = name.map { CChar(bitPattern: $0) } + [0]
        let size = fgetxattr(descriptor, name, nil, 0)
        guard size >= 0 else {
            if errno == ENODATA || errno == EOPNOTSUPP { return nil }
            throw Errno(rawValue: errno)
        }
        var value = [UInt8](repeating: 0, count: size)
        let count = fgetxattr(descriptor, name, &value, size)
        guard count == size else { throw Errno(rawValue: count < 0 ? errno : EAGAIN) }
        return value
    }

    package static func set(_ value: [UInt8], for name: [UInt8], _ descriptor: Int32) throws {
        let name = name.map { CChar(bitPattern: $0) } + [0]
        guard fsetxattr(descriptor, name, value, value.count, 0) == 0 else { throw Errno(rawValue: errno) }
    }
}
