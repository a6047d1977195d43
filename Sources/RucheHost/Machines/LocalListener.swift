import Glibc
package import SystemPackage

/// Unix sockets that wait for somebody.
package enum LocalListener {
    /// Makes a socket in a folder, whose path may be longer than an address of a socket. Only this process's user can
    /// connect to it. The caller closes it.
    package static func open(_ name: String, in folder: FilePath) throws -> Int32 {
        try LocalSocket.withAddress(name, in: folder) { address in
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw Errno(rawValue: errno) }
            // Before it has a name.
            let isPrivate = fchmod(descriptor, 0o600) == 0
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            guard isPrivate, result == 0, listen(descriptor, 1) == 0 else {
                let reason = errno
                close(descriptor)
                throw Errno(rawValue: reason)
            }
            return descriptor
        }
    }
}
