import Glibc
import NIOPosix
import RucheCore

/// What a host name stands for.
enum HostAddresses {
    struct Found: Hashable, Sendable {
        var address: NetworkAddress
        /// As numbers, for a connection to exactly this one.
        var text: String
    }

    /// Throws `network_unavailable` for a name that nobody knows.
    static func resolve(_ host: String) async throws -> [Found] {
        // Off the pool of tasks: a resolver may take its time.
        try await NIOThreadPool.singleton.runIfActive { try blockingResolve(host) }
    }

    private static func blockingResolve(_ host: String) throws -> [Found] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else {
            throw RucheError(
                .networkUnavailable, "the host \"\(host)\" is not known: \(String(cString: gai_strerror(status)))")
        }
        var found: [Found] = []
        var next = list
        while let entry = next {
            next = entry.pointee.ai_next
            guard let address = entry.pointee.ai_addr, let known = read(address, entry.pointee.ai_addrlen) else {
                continue
            }
            if !found.contains(known) { found.append(known) }
        }
        return found
    }

    private static func read(_ address: UnsafeMutablePointer<sockaddr>, _ length: socklen_t) -> Found? {
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address, length, &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let number = UInt32(bigEndian: raw.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr)
            return Found(address: .v4(number), text: text)
        case AF_INET6:
            let bytes = withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) }
            let halves = [bytes[..<8], bytes[8...]].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
            return Found(address: .v6(halves[0], halves[1]), text: text)
        default: return nil
        }
    }
}
