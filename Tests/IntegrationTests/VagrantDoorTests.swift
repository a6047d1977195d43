import Foundation
import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// Boxes through the real server with Debian's own `vagrant`.
@Suite struct VagrantDoorTests {
    /// A server with a user, and `vagrant` logged in to it.
    private struct Site: Sendable {
        let fixture: RucheFixture
        let address: String
        let token: String

        @discardableResult
        func vagrant(_ arguments: String..., token: String? = nil, isRefused: Bool = false) async throws -> String {
            let result = try await fixture.runner.run(
                Command(
                    "vagrant", arguments,
                    environment: [
                        "VAGRANT_SERVER_URL": address, "VAGRANT_CLOUD_TOKEN": token ?? self.token,
                        "VAGRANT_HOME": fixture.folder.appending("vagrant").string, "VAGRANT_CHECKPOINT_DISABLE": "1",
                        "HOME": fixture.folder.string, "VAGRANT_NO_COLOR": "1",
                    ], workingDirectory: fixture.folder), onLine: nil)
            #expect(
                result.status.isSuccess != isRefused,
                "vagrant \(arguments.joined(separator: " "))\n\(result.output)\n\(result.errorTail)")
            return result.output + result.errorTail
        }

        func curl(_ path: String, _ arguments: String...) async throws -> String {
            try await fixture.runner.runChecked(
                // As vagrant asks: everybody else is shown a page there.
                Command(
                    "curl", ["-sS", "-H", "Accept: application/json"] + arguments + [address + path],
                    environment: ["HOME": fixture.folder.string])
            ).output
        }

        /// A box file of so many random bytes.
        func box(_ name: String, provider: String = "libvirt", bytes: Int = 2_000_000) async throws -> String {
            let folder = fixture.folder.appending("box-\(name)")
            try fixture.write(
                "box-\(name)/metadata.json", "{\"provider\":\"\(provider)\",\"format\":\"qcow2\",\"virtual_size\":1}")
            try await fixture.tool(
                "dd", "if=/dev/urandom", "of=\(folder)/box.img", "bs=\(bytes)", "count=1", "status=none")
            let file = fixture.folder.appending("\(name).box").string
            try await fixture.tool("tar", "-C", folder.string, "-czf", file, "metadata.json", "box.img")
            return file
        }
    }

    private static func with(_ body: (Site) async throws -> Void) async throws {
        try await NetworkSite.with { network in
            let fixture = network.fixture
            let password = try fixture.write("password", "correct-horse-9\n")
            try await fixture.tool(
                "sh", "-c",
                "RUCHE_DATA=\(fixture.data) \(RucheFixture.program) user add ada --password-stdin <\(password)")
            let login = #"{"user":{"login":"ada","password":"correct-horse-9"},"token":{"description":"t"}}"#
            let answer = try await fixture.tool(
                "curl", "-sS", "-H", "Content-Type: application/json", "-d", login,
                "\(network.address)/api/v1/authenticate")
            struct Answer: Decodable { var token: String }
            let token = try JSONText.whole(Answer.self, answer).token
            try await body(Site(fixture: fixture, address: network.address, token: token))
        }
    }

    @Test func aBoxIsPublishedAddedAndUpdated() async throws {
        try await Self.with { site in
            let file = try await site.box("small")
            #expect(try await site.vagrant("cloud", "auth", "whoami").contains("logged in as ada"))
            try await site.vagrant("cloud", "box", "create", "ada/small", "-s", "A small box", "-d", "**Bold**")
            try await site.vagrant("cloud", "version", "create", "ada/small", "1.0.0", "-d", "first")
            try await site.vagrant("cloud", "provider", "create", "ada/small", "libvirt", "1.0.0")
            // Nothing of it is seen before it is released.
            #expect(try await !site.curl("/ada/small").contains("1.0.0"))
            try await site.vagrant("cloud", "provider", "upload", "ada/small", "libvirt", "1.0.0", file)
            try await site.vagrant("cloud", "version", "release", "-f", "ada/small", "1.0.0")
            let shown = try await site.vagrant("cloud", "box", "show", "ada/small")
            #expect(shown.contains("**Bold**") && shown.contains("1.0.0"), "\(shown)")

            try await site.vagrant("box", "add", "ada/small", "--provider", "libvirt")
            let installed = site.fixture.folder.appending("vagrant/boxes/ada-VAGRANTSLASH-small/1.0.0/libvirt/box.img")
            try await site.fixture.tool(
                "cmp", installed.string, site.fixture.folder.appending("box-small/box.img").string)

            let other = try await site.box("other")
            try await site.vagrant("cloud", "publish", "-f", "-r", "ada/small", "1.1.0", "libvirt", other)
            #expect(try await site.vagrant("cloud", "search", "small").contains("1.1.0"))
            #expect(try await site.vagrant("box", "outdated", "--global").contains("1.1.0"))
            try await site.vagrant("box", "update", "--box", "ada/small", "--provider", "libvirt")
            #expect(try await site.vagrant("box", "list").contains("1.1.0"))
            // It is a release like any other.
            let list = try await site.fixture.ruche("image", "list", "--json").output
            #expect(list.contains("ada/small") && list.contains("1.1.0"))
        }
    }

    @Test func whatIsReleasedNeverChangesAndWhatIsRevokedIsGone() async throws {
        try await Self.with { site in
            let file = try await site.box("a")
            try await site.vagrant("cloud", "publish", "-f", "-r", "ada/a", "1.0.0", "libvirt", file)
            let refused = try await site.vagrant(
                "cloud", "provider", "create", "ada/a", "virtualbox", "1.0.0", isRefused: true)
            #expect(refused.contains("never changes"), "\(refused)")
            try await site.vagrant("cloud", "version", "revoke", "-f", "ada/a", "1.0.0")
            #expect(try await !site.curl("/ada/a").contains("1.0.0"))
            let path = "/ada/boxes/a/versions/1.0.0/providers/libvirt/unknown/vagrant.box"
            let gone = try await site.curl(path, "-o", "/dev/null", "-w", "%{http_code}")
            #expect(gone == "410")
            let record = try await site.fixture.ruche("image", "show", "ada/a:1.0.0", "--json").output
            #expect(record.contains("revoked with vagrant by ada"))
        }
    }

    @Test func aPrivateBoxAnswersLikeNone() async throws {
        try await Self.with { site in
            let file = try await site.box("p")
            try await site.vagrant("cloud", "box", "create", "ada/p", "--private")
            try await site.vagrant("cloud", "publish", "-f", "-r", "ada/p", "1.0.0", "libvirt", file)
            let hidden = try await site.curl("/ada/p")
            #expect(hidden == (try await site.curl("/ada/q")).replacing("ada/q", with: "ada/p"))
            try await site.vagrant("box", "add", "ada/p", "--provider", "libvirt")
            let byURL = try await site.curl("/ada/p?access_token=\(site.token)")
            #expect(byURL.contains("1.0.0"))
            #expect(try await site.curl("/api/v1/search?q=p") == "{\"boxes\":[]}")
        }
    }

    @Test func aBoxThatNoClientCouldAddIsRefused() async throws {
        try await Self.with { site in
            try await site.vagrant("cloud", "box", "create", "ada/bad")
            try await site.vagrant("cloud", "version", "create", "ada/bad", "1.0.0")
            try await site.vagrant("cloud", "provider", "create", "ada/bad", "libvirt", "1.0.0")
            func send(_ file: String) async throws -> String {
                let answer = try await site.curl(
                    "/api/v1/box/ada/bad/version/1.0.0/provider/libvirt/upload", "-H",
                    "Authorization: Bearer \(site.token)")
                struct Upload: Decodable { var upload_path: String }
                let path = try JSONText.whole(Upload.self, answer).upload_path
                return try await site.fixture.tool("curl", "-sS", "-T", file, path)
            }
            let wrong = try await site.box("wrong", provider: "virtualbox")
            #expect(try await send(wrong).contains("the box is for virtualbox, not for libvirt"))
            let plain = try site.fixture.write("plain", "no archive").string
            #expect(try await send(plain).contains("errors"))
            let folder = try site.fixture.write("link/metadata.json", "{\"provider\":\"libvirt\"}")
                .removingLastComponent()
            symlink("/etc/passwd", folder.appending("box.img").string)
            let link = site.fixture.folder.appending("link.box").string
            try await site.fixture.tool("tar", "-C", folder.string, "-czf", link, "metadata.json", "box.img")
            #expect(try await send(link).contains("link that may leave"))
            let good = try await site.box("good")
            #expect(try await send(good).contains("success"))
            try await site.vagrant("cloud", "version", "release", "-f", "ada/bad", "1.0.0")
            #expect(try isMissingOrEmpty(site.fixture.data.appending("content/uploads")))
        }
    }
}
