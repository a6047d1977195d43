import NIOCore
import NIOSSL
import RucheCore
package import SystemPackage

/// How a connection to an engine over the network is secured: files only, no secret passes through settings.
package struct EngineTLS: Hashable, Sendable {
    /// PEM file of the authorities to trust; nil trusts the machine's.
    package var authority: FilePath?
    /// PEM file of the one certificate that the engine may show, whoever issued it and whatever it names: LXD makes its
    /// own, which is no authority. Authorities don't matter then.
    package var server: FilePath?
    /// PEM files of the certificate and key this client shows.
    package var certificate: FilePath?
    package var key: FilePath?

    package init(
        authority: FilePath? = nil, server: FilePath? = nil, certificate: FilePath? = nil, key: FilePath? = nil
    ) {
        self.authority = authority
        self.server = server
        self.certificate = certificate
        self.key = key
    }

    /// Throws `invalid_input` naming the file that can't be used.
    func configuration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        // `pin` compares it instead.
        if server != nil { configuration.certificateVerification = .none }
        if let authority {
            let trusted = try Self.reading(authority) { try NIOSSLCertificate.fromPEMFile($0) }
            configuration.trustRoots = .certificates(trusted)
        }
        if let certificate {
            let chain = try Self.reading(certificate) { try NIOSSLCertificate.fromPEMFile($0) }
            configuration.certificateChain = chain.map { .certificate($0) }
        }
        if let key {
            configuration.privateKey = .privateKey(
                try Self.reading(key) { try NIOSSLPrivateKey(file: $0, format: .pem) })
        }
        return configuration
    }

    /// What ends a connection, before a request is sent over it, to a server that shows another certificate than
    /// `server`; nil when there is none to compare with. Throws as `configuration`.
    func pin() throws -> (@Sendable (any Channel) -> EventLoopFuture<Void>)? {
        guard let server else { return nil }
        let known = try Self.reading(server) { try NIOSSLCertificate.fromPEMFile($0) }
        guard let wanted = try known.first?.toDERBytes() else {
            throw RucheError(.invalidInput, "\"\(server)\" holds no certificate", details: ["path": server.string])
        }
        return { channel in
            channel.nioSSL_peerCertificate().flatMapThrowing { shown in
                guard try shown?.toDERBytes() == wanted else { throw WrongServer(expected: server) }
            }.flatMapError { error in channel.close().flatMapThrowing { throw error } }
        }
    }

    private static func reading<Value>(_ path: FilePath, _ read: (String) throws -> Value) throws -> Value {
        do { return try read(path.string) } catch {
            throw RucheError(
                .invalidInput, "can't read \"\(path)\" as PEM: \(error)", details: ["path": path.string], cause: error)
        }
    }

    struct WrongServer: Error, CustomStringConvertible {
        let expected: FilePath
        var description: String { "it shows another certificate than the one in \(expected)" }
    }
}
