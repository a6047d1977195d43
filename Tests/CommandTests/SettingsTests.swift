import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import SystemPackage
import Testing

@testable import ruche

@Suite struct SettingsTests {
    private static func environment(_ values: [String: String] = [:], isRoot: Bool = false) -> ProcessEnvironment {
        ProcessEnvironment(values: values, isRoot: isRoot, workingDirectory: "/work")
    }

    private static func file(_ text: String, _ path: FilePath = "/etc/ruche/ruche.yaml") throws -> SettingsFile {
        try SettingsFile.parse(text, path: path)
    }

    @Test func aFlagWinsOverTheEnvironmentThatOverFilesThatOverTheDefault() throws {
        let system = try Self.file("mirror: http://system\nslots: 2\nbase_max_age: 7\n")
        let user = try Self.file("mirror: http://user\ndata: /user\nslots: 3\n", "/home/u/.config/ruche/config.yaml")
        let settings = try Settings(
            flags: [.data: "flagged"], environment: Self.environment(["RUCHE_SLOTS": "4", "HOME": "/home/u"]),
            files: [system, user])
        #expect(settings.data == "/work/flagged")
        #expect(settings.values[.data]?.origin == .flag("--data"))
        #expect(settings.slots == 4)
        #expect(settings.values[.slots]?.origin == .environment("RUCHE_SLOTS"))
        #expect(settings.mirror == "http://user")
        #expect(settings.values[.mirror]?.origin == .file("/home/u/.config/ruche/config.yaml"))
        #expect(settings.baseMaxAge == 7)
        #expect(settings.values[.server] == nil)
    }

    @Test func keepsDataWhereItBelongs() throws {
        let root = try Settings(flags: [:], environment: Self.environment(isRoot: true), files: [])
        #expect(root.data == "/var/lib/ruche")
        #expect(root.values[.data]?.origin == .standard)
        let person = try Settings(flags: [:], environment: Self.environment(["HOME": "/home/u"]), files: [])
        #expect(person.data == "/home/u/.local/share/ruche")
        #expect(throws: RucheError.self) { try Settings(flags: [:], environment: Self.environment(), files: []) }
    }

    @Test func emptyVariablesCountAsUnset() throws {
        let settings = try Settings(
            flags: [:], environment: Self.environment(["RUCHE_URL": "", "HOME": "/h"]), files: [])
        #expect(settings.server == nil)
    }

    @Test func namesTheOriginOfABadValue() throws {
        let error = try #require(throws: RucheError.self) {
            try Settings(flags: [:], environment: Self.environment(["RUCHE_URL": "nowhere", "HOME": "/h"]), files: [])
        }
        #expect(error.message.contains("RUCHE_URL"))
        #expect(throws: RucheError.self) {
            try Settings(flags: [:], environment: Self.environment(["RUCHE_SLOTS": "0", "HOME": "/h"]), files: [])
        }
    }

    @Test func readsHostNamesAndRefusesAddressesOfPages() throws {
        let settings = try Settings(
            flags: [:], environment: Self.environment(["RUCHE_HOST_NAMES": "a.example.org, b", "HOME": "/h"]), files: []
        )
        #expect(settings.hostNames == ["a.example.org", "b"])
        for bad in ["https://a.example.org", "a:80", "a/b", "-a"] {
            let error = try #require(throws: RucheError.self) { try HostNames.parse(bad, from: "--host-name") }
            #expect(error.message.contains("--host-name"))
        }
    }

    @Test func readsSitesByTheirNames() throws {
        let text = "sites:\n  a: https://a.example.org\n  b: {url: \"http://b:8000\", token_file: /t}\n"
        let settings = try Settings(
            flags: [:], environment: Self.environment(["HOME": "/h"]), files: [try Self.file(text)])
        #expect(settings.sites["a"] == SiteSettings(url: "https://a.example.org"))
        #expect(settings.sites["b"] == SiteSettings(url: "http://b:8000", tokenFile: "/t"))
        let error = try #require(throws: RucheError.self) {
            try Self.file("sites:\n  a: [x]\n  b: {url: http://b, password: secret}\n  c/d: http://c\n")
        }
        #expect(error.problems.map(\.path) == ["sites.a", "sites.b.password", "sites.c/d"])
    }

    @Test func reportsEveryProblemOfAFileWithItsPlace() throws {
        let error = try #require(throws: RucheError.self) {
            try Self.file("mirror: http://x\nmiror: http://y\nslots: many\ndata: [a]\n")
        }
        #expect(error.code == .invalidInput)
        #expect(error.problems.map(\.path) == ["miror", "slots", "data"])
        #expect(error.problems.map(\.line) == [2, 3, 4])
        #expect(error.problems.allSatisfy { $0.file == "/etc/ruche/ruche.yaml" && $0.column != nil })
    }

    @Test(arguments: ["- a\n- b\n", "a: [", "data: ''\n", "data: /a\ndata: /b\n"])
    func refusesWhatIsNoConfiguration(_ text: String) {
        #expect(throws: RucheError.self) { try Self.file(text) }
    }

    @Test(arguments: ["", "\n", "# only a comment\n"])
    func anEmptyFileSetsNothing(_ text: String) throws {
        #expect(try Self.file(text).values.isEmpty)
    }

    @Test func readsTheTokenOfTheEnvironmentOrOfAFile() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "rs") { folder in
            let path = folder.appending("token")
            try AtomicFile.write(Array("secret-of-file\n".utf8), to: path)
            let file = try Self.file("token_file: \(path)\n")
            let both = try Settings(
                flags: [:], environment: Self.environment(["RUCHE_TOKEN": "secret", "HOME": "/h"]), files: [file])
            #expect(try both.token() == "secret")
            let flagged = try Settings(
                flags: [.tokenFile: path.string],
                environment: Self.environment(["RUCHE_TOKEN": "secret", "HOME": "/h"]), files: [])
            #expect(try flagged.token() == "secret-of-file")
            let missing = try Settings(
                flags: [.tokenFile: "/no/such"], environment: Self.environment(["HOME": "/h"]), files: [])
            #expect(throws: RucheError.self) { try missing.token() }
        }
    }

    @Test func showsEveryKeyWithItsOrigin() async throws {
        let captured = Captured()
        let command = try #require(try Ruche.parseAsRoot(["config", "show"]) as? ConfigShow)
        try await command.run(try CommandFixture.context(captured))
        for key in SettingKey.allCases { #expect(captured.results.contains(key.rawValue)) }
        #expect(captured.results.contains("RUCHE_DATA"))
    }
}
