import Glibc
import RucheHost
import SystemPackage
import Testing

/// A server that speaks TLS with a certificate of the tests' own, and sends on who comes without.
struct SecureSite: Sendable {
    let fixture: RucheFixture
    let served: ServedProcess
    /// `https://HOST:PORT`.
    let address: String
    /// `http://HOST:PORT`, of the listener that redirects.
    let plainAddress: String

    var certificate: FilePath { fixture.folder.appending("site.pem") }
    var key: FilePath { fixture.folder.appending("site.key") }

    static func with(_ body: (SecureSite) async throws -> Void) async throws {
        try await RucheFixture.with { fixture in
            try await makeCertificate(fixture, "site", subject: "first")
            let served = try await ServedProcess.start(
                fixture, "--listen", "127.0.0.1:0", "--tls-certificate", "site.pem", "--tls-key", "site.key",
                "--redirect-http", "127.0.0.1:0")
            do {
                let words = try served.log().split { $0.isWhitespace }.map(String.init)
                try await body(
                    SecureSite(
                        fixture: fixture, served: served,
                        address: try #require(words.first { $0.hasPrefix("https://") }),
                        plainAddress: try #require(words.first { $0.hasPrefix("http://") })))
                try await served.end()
            } catch {
                try? await served.end(SIGKILL)  // the body's error is the one to report
                throw error
            }
        }
    }

    /// `NAME.pem` and `NAME.key` for 127.0.0.1, good for so many days.
    static func makeCertificate(
        _ fixture: RucheFixture, _ name: String, subject: String, days: String = "30"
    ) async throws {
        let folder = fixture.folder
        try await fixture.tool(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            days, "-subj", "/CN=\(subject)", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout",
            folder.appending("\(name).key").string, "-out", folder.appending("\(name).pem").string)
    }

    func curl(_ arguments: String...) async throws -> String {
        try await fixture.runner.runChecked(
            Command(
                "curl", ["-sS", "--cacert", certificate.string] + arguments,
                environment: ["HOME": fixture.folder.string]
            )
        ).output
    }

    /// The subject of the certificate that a new connection is shown.
    func subject() async throws -> String {
        let host = address.dropFirst("https://".count)
        return try await fixture.tool(
            "sh", "-c", "openssl s_client -connect \(host) </dev/null 2>/dev/null | openssl x509 -noout -subject")
    }
}
