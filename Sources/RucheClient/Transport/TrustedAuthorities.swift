import NIOSSL
import RucheCore
package import SystemPackage

/// Certificates that are trusted besides those of the machine.
package struct TrustedAuthorities: Sendable {
    let configuration: TLSConfiguration

    /// A PEM file. Throws `invalid_input` for one that can't be used.
    package init(file: FilePath) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        do {
            configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(file.string))]
        } catch {
            throw RucheError(.invalidInput, "can't read certificates from \"\(file)\" as PEM: \(error)", cause: error)
        }
        self.configuration = configuration
    }
}
