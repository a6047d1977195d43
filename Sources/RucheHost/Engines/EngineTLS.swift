import NIOSSL
import RucheCore
package import SystemPackage

/// How a connection to an engine over the network is secured: files only, no secret passes through settings.
package struct EngineTLS: Hashable, Sendable {
    /// PEM file of the authorities to trust, or of the engine's own certificate; nil trusts the machine's.
    package var authority: FilePath?
    /// PEM files of the certificate and key this client shows.
    package var certificate: FilePath?
    package var key: FilePath?
    /// False where the engine's certificate is trusted itself and names no host, as LXD's do.
    package var verifiesHostName = true

    package init(authority: FilePath? = nil, certificate: FilePath? = nil, key: FilePath? = nil) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }

    /// Throws `invalid_input` naming the file that can't be used.
    func configuration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if !verifiesHostName { configuration.certificateVerification = .noHostnameVerification }
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

    private static func reading<Value>(_ path: FilePath, _ read: (String) throws -> Value) throws -> Value {
        do { return try read(path.string) } catch {
            throw RucheError(
                .invalidInput, "can't read \"\(path)\" as PEM: \(error)", details: ["path": path.string], cause: error)
        }
    }
}
