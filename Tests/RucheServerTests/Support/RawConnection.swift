import Glibc
import NIOPosix
import SystemPackage

/// A plain blocking client socket, for what no HTTP client would send.
struct RawConnection: Sendable {
    let descriptor: Int32

    init(unix path: FilePath) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.string.utf8)) }
        try connect(&address)
    }

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        try connect(&address)
    }

    private func connect<Address>(_ address: inout Address) throws {
        let size = socklen_t(MemoryLayout<Address>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
        }
        guard result == 0 else { throw Errno(rawValue: errno) }
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        _ = try FileDescriptor(rawValue: descriptor).writeAll(bytes)
    }

    /// What comes until `end` was seen or the peer closed. Throws when nothing came for two minutes.
    func read(until end: String? = nil) async throws -> String {
        // Never on the pool that runs the server under test.
        try await NIOThreadPool.singleton.runIfActive { try blockingRead(until: end) }
    }

    private func blockingRead(until end: String?) throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = try read(into: &buffer, isAnswered: !bytes.isEmpty)
            bytes += buffer[..<count]
            // Only what is new can hold the end: streams are long.
            let found = end.map { end in
                String(decoding: bytes.suffix(count + end.utf8.count), as: UTF8.self).contains(end)
            }
            if count == 0 || found == true { return String(decoding: bytes, as: UTF8.self) }
        }
    }

    /// Bytes of one read; 0 when the peer closed.
    private func read(into buffer: inout [UInt8], isAnswered: Bool) throws -> Int {
        do {
            return try buffer.withUnsafeMutableBytes { try FileDescriptor(rawValue: descriptor).read(into: $0) }
        } catch let error as Errno where error == .connectionReset && isAnswered {
            // So the kernel closes for a peer that has not read all it was sent.
            return 0
        }
    }

    func close() { Glibc.close(descriptor) }
}
