import Glibc
import RucheCore
package import SystemPackage

/// A connection to a socket of this machine, for short conversations: every call blocks its thread, for `timeout` at
/// most.
package final class LocalSocket: Sendable {
    package let descriptor: Int32

    /// Connects to a Unix socket in a folder, whose path may be longer than an address of a socket.
    package init(_ name: String, in folder: FilePath, timeout: Duration) throws {
        descriptor = try Self.withAddress(name, in: folder) { try Self.connected(AF_UNIX, &$0, timeout) }
    }

    /// Connects to a port of the loopback interface.
    package init(port: Int, timeout: Duration) throws {
        var address = Self.internet("127.0.0.1", port)
        descriptor = try Self.connected(AF_INET, &address, timeout)
    }

    deinit { close(descriptor) }

    package func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Errno(rawValue: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// What comes next, at most `limit` bytes; empty at the end.
    package func read(limit: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            let received = recv(descriptor, buffer.baseAddress, limit, 0)
            guard received >= 0 else { throw Errno(rawValue: errno) }
            count = received
        }
    }

    /// Calls `body` with an address that is good during the call.
    static func withAddress<Result>(
        _ name: String, in folder: FilePath, _ body: (inout sockaddr_un) throws -> Result
    ) throws -> Result {
        let parent = open(folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw Errno(rawValue: errno) }
        defer { close(parent) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(parent)/\(name)".utf8)
        try withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            guard path.count < bytes.count else { throw Errno.fileNameTooLong }
            bytes.copyBytes(from: path)
        }
        return try body(&address)
    }

    static func internet(_ address: String, _ port: Int) -> sockaddr_in {
        var result = sockaddr_in()
        result.sin_family = sa_family_t(AF_INET)
        result.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        result.sin_addr.s_addr = inet_addr(address)
        return result
    }

    private static func connected<Address>(
        _ family: Int32, _ address: inout Address, _ timeout: Duration
    ) throws -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        var limit = timeval(
            tv_sec: Int(timeout.components.seconds),
            tv_usec: Int(timeout.components.attoseconds / 1_000_000_000_000))
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else {
            let reason = errno
            close(descriptor)
            throw Errno(rawValue: reason)
        }
        return descriptor
    }
}
