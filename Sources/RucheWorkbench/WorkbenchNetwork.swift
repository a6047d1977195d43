package import RucheHost
package import SystemPackage

/// What containers with network take from the machine: its resolver, its proxies, and the certificates it trusts.
package struct WorkbenchNetwork: Sendable {
    private static let certificatesInside = "/run/ruche/ca.crt"
    private static let aptInside = "/run/ruche/apt.conf"

    private let certificates: FilePath
    private let resolver: FilePath
    private let proxies: [String: String]
    /// apt's own setting of the certificates, in a file that is made when it is needed.
    private let aptConfiguration: FilePath?

    /// `folder` holds small files that containers read.
    package init(
        folder: FilePath, proxies: [String: String], certificates: FilePath = "/etc/ssl/certs/ca-certificates.crt",
        resolver: FilePath = "/etc/resolv.conf"
    ) throws {
        self.certificates = certificates
        self.resolver = resolver
        self.proxies = proxies
        guard FileTree.exists(certificates) else {
            aptConfiguration = nil
            return
        }
        let file = folder.appending("apt.conf")
        try AtomicFile.write(
            Array("Acquire::https::CAInfo \"\(Self.certificatesInside)\";\n".utf8), to: file, durable: false)
        aptConfiguration = file
    }

    package var mounts: [SandboxSpec.Mount] {
        let pairs = [
            (resolver, "/etc/resolv.conf"), (certificates, Self.certificatesInside),
            (aptConfiguration ?? "/nowhere", Self.aptInside),
        ]
        return pairs.filter { FileTree.exists($0.0) }.map {
            SandboxSpec.Mount(source: $0.0, destination: $0.1, readOnly: true)
        }
    }

    package var environment: [String: String] {
        var result = proxies
        guard aptConfiguration != nil else { return result }
        result["APT_CONFIG"] = Self.aptInside
        for name in ["PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
            result[name] = Self.certificatesInside
        }
        return result
    }
}
