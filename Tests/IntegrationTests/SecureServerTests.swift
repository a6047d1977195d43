import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

/// TLS of the server itself, with clients of other programs.
@Suite struct SecureServerTests {
    @Test func lxcAddsTheRemoteAndLaunchesFromIt() async throws {
        try await SecureSite.with { site in
            try await site.fixture.buildBusybox(job: "echo hello over tls", extra: "variants: [oci, lxd]")
            try await site.fixture.ruche("env", "set", "test/tiny", "--public")
            try await EngineDaemon.with(.lxd) { lxd in
                let home = FilePath(try #require(try await lxd.environment()["HOME"]))
                let trusted = home.appending(".config/lxc/servercerts")
                try FileTree.makeFolder(trusted)
                try AtomicFile.write(try AtomicFile.read(site.certificate), to: trusted.appending("site.crt"))
                _ = try await lxd.client("remote", "add", "site", site.address, "--protocol", "simplestreams")
                let list = try await lxd.client("image", "list", "site:", "--format", "csv")
                #expect(list.contains("test/tiny"), "\(list)")
                _ = try await lxd.client("launch", "site:test/tiny:1.0.0", "c")
                let text = try await lxd.client("exec", "c", "--", "cat", "/pipeline/job/run.sh")
                #expect(text.contains("hello over tls"))
                _ = try await lxd.client("delete", "--force", "c")
            }
        }
    }

    @Test func aNewCertificateIsTakenWhileItServes() async throws {
        try await SecureSite.with { site in
            #expect(try await site.subject().contains("first"))
            // A new pair, one file after the other.
            try await SecureSite.makeCertificate(site.fixture, "site", subject: "second")
            try await eventually(within: .seconds(60), "the new certificate is shown") {
                try await site.subject().contains("second")
            }
            // A pair that does not fit keeps the old one, and is told of.
            try await SecureSite.makeCertificate(site.fixture, "other", subject: "other")
            try await site.fixture.tool(
                "cp", site.fixture.folder.appending("other.pem").string, site.certificate.string)
            try await eventually(within: .seconds(60), "the server tells of it") {
                try site.served.log().contains("the old one stays")
            }
            #expect(try site.served.log().contains("is not the one of the certificate"))
            #expect(try await site.subject().contains("second"))
            // Repaired, and taken at once when it is asked for.
            try await SecureSite.makeCertificate(site.fixture, "site", subject: "third")
            kill(site.served.pid, SIGHUP)
            try await eventually(within: .seconds(60), "the repaired certificate is shown") {
                try await site.subject().contains("third")
            }
            #expect(try await site.curl("\(site.address)/api").contains("versions"))
        }
    }

    @Test func plainHTTPIsSentOnToTLS() async throws {
        try await SecureSite.with { site in
            let head = try await site.curl("-I", "\(site.plainAddress)/api/v1/releases?limit=5")
            #expect(head.contains("308"), "\(head)")
            #expect(head.lowercased().contains("location: \(site.address)/api/v1/releases?limit=5"), "\(head)")
            let body = try await site.curl("-L", "\(site.plainAddress)/api/v1/releases?limit=5")
            #expect(body.contains("\"items\""), "\(body)")
            let foreign = try await site.curl("-i", "-H", "Host: evil.example", site.plainAddress)
            #expect(foreign.contains("403") && !foreign.lowercased().contains("location:"), "\(foreign)")
            // Old protocols are refused, and plain text on the port of TLS is cut off.
            let old = try await site.fixture.runner.run(
                Command("curl", ["-sS", "-k", "--tls-max", "1.1", "\(site.address)/api"], environment: [:]), onLine: nil
            )
            #expect(!old.status.isSuccess)
            let plain = try await site.fixture.runner.run(
                Command(
                    "curl", ["-sS", "-m", "10", "\(site.address.replacing("https:", with: "http:"))/api"],
                    environment: [:]), onLine: nil)
            #expect(!plain.status.isSuccess && plain.status.shellCode != 28, "\(plain)")
        }
    }

    @Test func ourOwnClientTrustsTheAuthorityThatIsNamed() async throws {
        try await SecureSite.with { site in
            let box = try await site.fixture.box("small")
            try await site.fixture.ruche("import", "box", box, "--as", "lab/small:1.0.0", "--public")
            try await RucheFixture.with { here in
                let refused = try await here.ruche("pull", "lab/small", site.address, code: 10)
                #expect(refused.errorTail.contains("RUCHE_CA_FILE"), "\(refused.errorTail)")
                try here.write(".config/ruche/config.yaml", "ca_file: \(site.certificate)\n")
                try await here.ruche("pull", "lab/small", site.address)
                #expect(try await here.shown("lab/small:1.0.0") == site.fixture.shown("lab/small:1.0.0"))
                // An address of a download is one of TLS too.
                let box = try await site.curl("\(site.address)/lab/small")
                #expect(box.contains("\"\(site.address)/lab/boxes/small"), "\(box)")
            }
        }
    }

    @Test func cookiesAreForTLSOnly() async throws {
        try await SecureSite.with { site in
            let password = try site.fixture.write("password", "correct-horse-9\n")
            try await site.fixture.tool(
                "sh", "-c",
                "RUCHE_DATA=\(site.fixture.data) \(RucheFixture.program) user add ada --password-stdin <\(password)")
            let head = try await site.curl(
                "-i", "-H", "Content-Type: application/json", "-d", #"{"user":"ada","password":"correct-horse-9"}"#,
                "\(site.address)/api/v1/session")
            let cookie = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("set-cookie:") } ?? ""
            #expect(cookie.contains("__Host-ruche-session=") && cookie.contains("; Secure"), "\(head)")
        }
    }

    @Test func refusesWhatCanNotBeUsed() async throws {
        try await RucheFixture.with { fixture in
            try await SecureSite.makeCertificate(fixture, "a", subject: "a")
            try await SecureSite.makeCertificate(fixture, "b", subject: "b")
            func refusal(_ certificate: String, _ key: String) async throws -> String {
                let result = try await fixture.run(
                    "serve", "--listen", "127.0.0.1:0", "--tls-certificate", certificate, "--tls-key", key)
                #expect(!result.status.isSuccess)
                return result.errorTail
            }
            #expect(try await refusal("missing.pem", "a.key").contains("missing.pem"))
            #expect(try await refusal("a.pem", "missing.key").contains("missing.key"))
            #expect(try await refusal("a.pem", "b.key").contains("is not the one of the certificate"))
            #expect(try await refusal("a.pem", "a.pem").contains("protect it"))
            try fixture.write("none.pem", "no certificate\n")
            #expect(try await refusal("none.pem", "a.key").contains("none.pem"))
            try await fixture.tool("chmod", "644", fixture.folder.appending("a.key").string)
            #expect(try await refusal("a.pem", "a.key").contains("chmod 600"))
            let half = try await fixture.run("serve", "--listen", "127.0.0.1:0", "--tls-key", "a.key")
            #expect(half.errorTail.contains("--tls-certificate"), "\(half.errorTail)")
            let none = try await fixture.run("serve", "--redirect-http", "127.0.0.1:0")
            #expect(none.errorTail.contains("--redirect-http needs"), "\(none.errorTail)")
        }
    }

    @Test func anExpiredCertificateIsToldOf() async throws {
        try await RucheFixture.with { fixture in
            try await SecureSite.makeCertificate(fixture, "old", subject: "old", days: "1")
            let (key, request) = (
                fixture.folder.appending("old.key").string, fixture.folder.appending("old.csr").string
            )
            try await fixture.tool("openssl", "req", "-new", "-key", key, "-subj", "/CN=old", "-out", request)
            try await fixture.tool(
                "openssl", "x509", "-req", "-in", request, "-signkey", key, "-days", "-1", "-out",
                fixture.folder.appending("old.pem").string)
            let served = try await ServedProcess.start(
                fixture, "--listen", "127.0.0.1:0", "--tls-certificate", "old.pem", "--tls-key", "old.key")
            try await eventually(within: .seconds(60), "the log tells") {
                try served.log().contains("has expired")
            }
            try await served.end()
        }
    }
}
