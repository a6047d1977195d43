import Glibc

/// TCP ports of this machine, IPv4.
package enum LocalPort {
    /// Why nobody can listen there now; nil when one can. `address` is an IPv4 address in numbers.
    package static func obstacle(_ address: String, _ port: Int) -> String? {
        do {
            // Who starts to listen just then is not disturbed by an address alone.
            close(try bound(address, port))
            return nil
        } catch {
            return String(cString: strerror(error.code))
        }
    }

    /// Returns when somebody can listen there, or after five seconds: who needs it is told then.
    package static func awaitFree(_ address: String, _ port: Int) async {
        // Whoever is cancelled needs it no more.
        _ = try? await Waiting.until(within: .seconds(5), every: .milliseconds(25)) { obstacle(address, port) == nil }
    }

    /// A port of the loopback interface that nobody has now. Somebody else may be faster to take it.
    package static func free() -> Int? {
        guard let descriptor = try? listening("127.0.0.1", 0) else { return nil }  // none is free
        defer { close(descriptor) }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return result == 0 ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }

    /// The first bytes that whoever listens on a port of the loopback interface sends; nil when nobody does in time.
    ///
    /// A connection alone says nothing: what forwards a port takes it before the guest does.
    package static func greeting(_ port: Int, timeout: Duration) async -> [UInt8]? {
        let bytes = try? await BlockingWork.run {
            try LocalSocket(port: port, timeout: timeout).read(limit: 64)
        }
        return bytes?.isEmpty == false ? bytes : nil
    }

    private struct Failure: Error { var code: Int32 }

    private static func listening(_ address: String, _ port: Int) throws(Failure) -> Int32 {
        let descriptor = try bound(address, port)
        guard listen(descriptor, 1) == 0 else { throw closing(descriptor) }
        return descriptor
    }

    private static func bound(_ address: String, _ port: Int) throws(Failure) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var target = LocalSocket.internet(address, port)
        let result = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw closing(descriptor) }
        return descriptor
    }

    /// What the last call failed with.
    private static func closing(_ descriptor: Int32) -> Failure {
        let failure = Failure(code: errno)
        close(descriptor)
        return failure
    }
}
