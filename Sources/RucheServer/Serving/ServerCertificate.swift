import Glibc
package import NIOSSL
import RucheCore
import RucheHost
import Synchronization
package import SystemPackage

/// The certificate and key of a TLS listener, read again from their files while connections come and go.
package final class ServerCertificate: Sendable {
    private struct State {
        var context: NIOSSLContext
        var validity: Range<Int64>
        /// What the files were when they were last read, whether they could be used or not.
        var read: [FileStamp]
        /// What they were at the last look.
        var seen: [FileStamp]
    }

    private static let limit = 1 << 20
    package let certificate: FilePath
    package let key: FilePath
    private let state: Mutex<State>

    /// PEM files: the server's own certificate first, then those above it. Throws `invalid_input` that names the file
    /// which can't be used, and `not_permitted` for a key that others may read.
    package init(certificate: FilePath, key: FilePath) throws {
        self.certificate = certificate
        self.key = key
        let stamps = [FileStamp(certificate), FileStamp(key)]
        let pair = try Self.load(certificate, key)
        state = Mutex(State(context: pair.context, validity: pair.validity, read: stamps, seen: stamps))
    }

    /// What a new connection is secured with.
    package var context: NIOSSLContext { state.withLock { $0.context } }

    /// Reads the files again; new connections get what they say. Throws what `init` does, and the old pair stays.
    package func reload() throws {
        let stamps = [FileStamp(certificate), FileStamp(key)]
        state.withLock { ($0.read, $0.seen) = (stamps, stamps) }
        let pair = try Self.load(certificate, key)
        state.withLock { ($0.context, $0.validity) = (pair.context, pair.validity) }
    }

    /// Reloads when the files are others than they were, and stayed so since the last look: whoever replaces them
    /// replaces one after the other. Tells whether it did.
    package func reloadIfChanged() throws -> Bool {
        let stamps = [FileStamp(certificate), FileStamp(key)]
        let isDue = state.withLock { state in
            defer { state.seen = stamps }
            return stamps != state.read && stamps == state.seen
        }
        if isDue { try reload() }
        return isDue
    }

    /// What is wrong with the time for which the certificate is good; nil when nothing is. Seconds since 1970.
    package func warning(now: Int64) -> String? {
        let validity = state.withLock { $0.validity }
        if now >= validity.upperBound {
            return "the certificate \(certificate) has expired: clients will refuse it; put a new one there"
        }
        if now < validity.lowerBound {
            return "the certificate \(certificate) is not valid yet: clients will refuse it"
        }
        let days = (validity.upperBound - now) / 86400
        return days < 14 ? "the certificate \(certificate) expires in \(days) days" : nil
    }

    private static func load(
        _ certificate: FilePath, _ key: FilePath
    ) throws -> (context: NIOSSLContext, validity: Range<Int64>) {
        try checkPermissions(key)
        let chain = try reading(certificate, "certificate") {
            try NIOSSLCertificate.fromPEMBytes(try AtomicFile.read(certificate, limit: limit))
        }
        guard let own = chain.first else {
            throw RucheError(.invalidInput, "there is no certificate in \(certificate): it must be a PEM file")
        }
        let secret = try reading(key, "key") {
            try NIOSSLPrivateKey(bytes: try AtomicFile.read(key, limit: limit), format: .pem)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(secret))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        let context: NIOSSLContext
        do { context = try NIOSSLContext(configuration: configuration) } catch {
            throw RucheError(
                .invalidInput,
                "the key \(key) is not the one of the certificate \(certificate), or they can't be used together",
                cause: error)
        }
        let (start, end) = (Int64(own.notValidBefore), Int64(own.notValidAfter))
        return (context, start..<max(start, end))
    }

    /// Others must not read the key; the group may, as keys of a machine are kept on Debian.
    private static func checkPermissions(_ key: FilePath) throws {
        var status = stat()
        guard stat(key.string, &status) == 0 else {
            let error = Errno(rawValue: errno)
            throw RucheError(.invalidInput, "can't read the key \(key): \(error)", cause: error)
        }
        guard status.st_mode & 0o027 == 0 else {
            throw RucheError(
                .notPermitted, "others may read or change the key \(key): protect it with \"chmod 600 \(key)\"",
                details: ["path": key.string])
        }
    }

    private static func reading<Value>(_ path: FilePath, _ what: String, _ read: () throws -> Value) throws -> Value {
        do { return try read() } catch let error as Errno {
            throw RucheError(
                .invalidInput, "can't read the \(what) \(path): \(error)", details: ["path": path.string], cause: error)
        } catch {
            throw RucheError(
                .invalidInput, "the \(what) \(path) is no PEM file that can be used (a key must not be encrypted)",
                details: ["path": path.string], cause: error)
        }
    }
}

/// What tells one content of a file from another without reading it.
private struct FileStamp: Hashable, Sendable {
    private var inode: UInt64 = 0
    private var size: Int64 = 0
    private var seconds: Int64 = 0
    private var nanoseconds: Int64 = 0

    /// All zero for a file that is not there.
    init(_ path: FilePath) {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return }
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        seconds = Int64(status.st_mtim.tv_sec)
        nanoseconds = Int64(status.st_mtim.tv_nsec)
    }
}
