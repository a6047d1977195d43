import Foundation
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

@Suite struct CloudSeedTests {
    private static func seed() throws -> CloudSeed {
        var seed = CloudSeed(
            id: try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz")), hostName: "hub", user: "ada")
        seed.keys = ["ssh-ed25519 AAAA one", "ssh-ed25519 BBBB \"two\""]
        seed.hostKey = CloudSeed.KeyPair(secret: "-----BEGIN\nx\n-----END\n", line: "ssh-ed25519 HOST hub")
        seed.url = "http://127.0.0.1:8080/"
        return seed
    }

    private static func json(_ text: some StringProtocol) throws -> [String: JSONValue] {
        try JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
    }

    private static func settings(_ document: String) throws -> [String: JSONValue] {
        #expect(document.hasPrefix("#cloud-config\n"))
        return try json(document.dropFirst("#cloud-config\n".count))
    }

    @Test func theAccountAndTheHostKeyAreSet() throws {
        let settings = try Self.settings(try Self.seed().userDocument())
        #expect(settings["hostname"] == "hub")
        #expect(settings["ssh_pwauth"] == false)
        let user = try #require(settings["users"]?.arrayValue?.first?.objectValue)
        #expect(user["name"] == "ada" && user["lock_passwd"] == true)
        #expect(user["ssh_authorized_keys"] == ["ssh-ed25519 AAAA one", "ssh-ed25519 BBBB \"two\""])
        #expect(settings["ssh_keys"]?.objectValue?["ed25519_private"] == "-----BEGIN\nx\n-----END\n")
        #expect(settings["bootcmd"] == nil)
    }

    @Test func theIdentityIsInTheMetadata() throws {
        let data = try Self.json(try Self.seed().metaData())
        #expect(data["local-hostname"] == "hub")
        #expect(data["ruche"] == ["name": "hub", "url": "http://127.0.0.1:8080/"])
    }

    @Test func sharesAreMountedAtEachStart() throws {
        var seed = try Self.seed()
        seed.shares = [InstanceShare(source: "/a", target: "/mnt/it's")]
        let command = try #require(try Self.settings(try seed.userDocument())["bootcmd"]?.arrayValue?.first?.arrayValue)
        #expect(command.last?.stringValue?.contains(#"mount -t virtiofs share0 '/mnt/it'\''s'"#) == true)
    }

    @Test func theNetworkIsAskedForOrFixed() throws {
        var seed = try Self.seed()
        #expect(try seed.networkConfiguration().contains("\"dhcp4\" : true"))
        seed.network = MachineContract.FixedNetwork(address: "10.1.0.5/16")
        seed.network?.gateway = "10.1.0.1"
        let text = try seed.networkConfiguration()
        #expect(text.contains("10.1.0.5/16") && text.contains("10.1.0.1") && !text.contains("dhcp4"))
    }

    @Test func whatTheUserAddsIsAPartThatReplacesNothing() throws {
        var seed = try Self.seed()
        seed.userData = "#!/bin/sh\necho hello\n"
        let text = try seed.userDocument()
        #expect(text.hasPrefix("Content-Type: multipart/mixed"))
        #expect(text.contains("Content-Type: text/x-shellscript"))
        #expect(text.contains("no_replace"))
        #expect(text.contains(Data("#!/bin/sh\necho hello\n".utf8).base64EncodedString()))
        seed.userData = "hello"
        #expect(throws: RucheError.self) { try seed.userDocument() }
    }

    @Test func theDiskIsItsOwnersAlone() async throws {
        try await Scratch.with { folder in
            try await Self.seed().write(to: folder, runner: SystemCommandRunner())
            let names = try FileTree.names(in: folder)
            #expect(names == ["seed.iso"], "nothing else is left: \(names)")
            let mode = try FileManager.default.attributesOfItem(atPath: folder.appending("seed.iso").string)[
                .posixPermissions]
            #expect(mode as? Int == 0o600)
            let label = try await SystemCommandRunner().runChecked(
                Command("blkid", ["-o", "value", "-s", "LABEL", folder.appending("seed.iso").string]))
            #expect(label.output == "cidata\n")
        }
    }
}
