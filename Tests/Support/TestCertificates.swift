import RucheCore
import RucheHost
package import SystemPackage

/// Certificates that a test makes with openssl, and what they are for: two days, elliptic curves, keys without a password.
package struct TestCertificates: Sendable {
    package struct Pair: Sendable {
        package let file: String
        package let key: String
    }

    private static let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private let folder: FilePath

    package init(in folder: FilePath) { self.folder = folder }

    /// One that nobody else issued: an authority, or a client that is known by its own.
    package func make(_ name: String) async throws -> Pair {
        let pair = pair(name)
        try await openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=\(name)", "-keyout", pair.key, "-out", pair.file] + Self.key)
        return pair
    }

    /// One of an authority for a server on 127.0.0.1, or for a client.
    package func make(_ name: String, issuedBy authority: Pair) async throws -> Pair {
        let pair = pair(name)
        let (request, names) = (folder.appending("\(name).csr").string, folder.appending("\(name).names"))
        try BusyboxRoot.write("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n", to: names)
        try await openssl(["req", "-new", "-subj", "/CN=\(name)", "-keyout", pair.key, "-out", request] + Self.key)
        try await openssl([
            "x509", "-req", "-in", request, "-CA", authority.file, "-CAkey", authority.key, "-CAcreateserial", "-days",
            "2", "-extfile", names.string, "-out", pair.file,
        ])
        return pair
    }

    private func pair(_ name: String) -> Pair {
        Pair(file: folder.appending("\(name).crt").string, key: folder.appending("\(name).key").string)
    }

    private func openssl(_ arguments: [String]) async throws {
        try await SystemCommandRunner().runChecked(Command("openssl", arguments))
    }
}
