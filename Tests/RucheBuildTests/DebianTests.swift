import RucheCore
import RucheHost
import SystemPackage
import Testing

@testable import RucheBuild

struct DebianTests {
    private static let stanzas = """
        Types: deb deb-src
        URIs: https://mirror.example/debian
        Suites: bookworm bookworm-updates
        Components: main contrib
        Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

        # security
        Types: deb
        URIs: https://mirror.example/security
        Suites: bookworm-security
        Components: main

        Types: deb
        Enabled: no
        URIs: https://off.example/
        Suites: bookworm
        Components: main
        """

    private func machine(_ folder: FilePath, _ text: String) throws -> BuilderConfiguration {
        try FileTree.makeFolder(folder.appending("sources.list.d"))
        try AtomicFile.write(Array(text.utf8), to: folder.appending("sources.list.d/debian.sources"))
        var configuration = BuilderConfiguration(data: folder)
        configuration.aptFolder = folder
        return configuration
    }

    @Test func takesTheMachinesOwnMirrorWithUpdatesAndSecurity() async throws {
        try await Machine.withFolder { folder in
            let configuration = try machine(folder, Self.stanzas)
            let own = try DebianSources.choose(suite: "bookworm", mirror: nil, snapshot: nil, configuration)
            #expect(
                own.list == """
                    deb https://mirror.example/debian bookworm main
                    deb https://mirror.example/debian bookworm-updates main
                    deb https://mirror.example/security bookworm-security main

                    """)
            let other = try DebianSources.choose(suite: "trixie", mirror: nil, snapshot: nil, configuration)
            #expect(other.list == "deb https://mirror.example/debian trixie main\n")
        }
    }

    @Test func recipeComesBeforeConfigurationBeforeMachine() async throws {
        try await Machine.withFolder { folder in
            var configuration = try machine(folder, Self.stanzas)
            configuration.mirror = "https://configured.example/debian"
            #expect(
                try DebianSources.choose(suite: "sid", mirror: nil, snapshot: nil, configuration).mirror
                    == "https://configured.example/debian")
            #expect(
                try DebianSources.choose(suite: "sid", mirror: "https://r.example/d", snapshot: nil, configuration)
                    .mirror == "https://r.example/d")
            let error = try #require(throws: RucheError.self) {
                try DebianSources.choose(suite: "sid", mirror: nil, snapshot: "20260131T120000Z", configuration)
            }
            #expect(error.message.contains("snapshot_url"))
            configuration.snapshotURL = "https://snap.example/{archive}/{timestamp}"
            let snapshot = try DebianSources.choose(
                suite: "bookworm", mirror: nil, snapshot: "20260131T120000Z", configuration)
            #expect(
                snapshot.list.contains(
                    "deb [check-valid-until=no] https://snap.example/debian/20260131T120000Z bookworm main"))
            #expect(snapshot.list.contains("https://snap.example/debian-security/20260131T120000Z bookworm-security"))
        }
    }

    @Test(arguments: ["2026-01-31", "20261331T000000Z", "x", ""])
    func refusesWhatIsNoSnapshot(text: String) {
        #expect(throws: RucheError.self) {
            try DebianSources.choose(suite: "bookworm", mirror: nil, snapshot: text, BuilderConfiguration(data: "/x"))
        }
    }

    @Test(arguments: ["book worm", "../x", "", "b]\n"])
    func refusesWhatIsNoSuite(suite: String) {
        #expect(throws: RucheError.self) {
            try DebianSources.choose(
                suite: suite, mirror: "https://m.example", snapshot: nil, BuilderConfiguration(data: "/x"))
        }
    }

    @Test func readsTimes() {
        #expect(SnapshotTime.seconds("19700102T000001Z") == 86401)
        #expect(SnapshotTime.seconds("20240229T120000Z") == 1_709_208_000)
        #expect(SnapshotTime.release("Date: Thu, 29 Feb 2024 12:00:00 UTC") == 1_709_208_000)
        #expect(SnapshotTime.rfc3339(1_709_208_000) == "2024-02-29T12:00:00Z")
        #expect(SnapshotTime.parse("2024-02-29T12:00:00.123456Z") == 1_709_208_000)
        #expect(SnapshotTime.serial(1_709_208_000) == "202402291200")
    }

    @Test func readsWhatIsInstalled() {
        let status = """
            Package: bwa
            Status: install ok installed
            Architecture: amd64
            Version: 0.7.17-7+b2
            Description: aligner
             Version: not this

            Package: gone
            Status: deinstall ok config-files
            Architecture: amd64
            Version: 1
            """
        let found = InstalledPackages.parseStatus(Array(status.utf8))
        #expect(found.map(\.name) == ["bwa"])
        #expect(found.first?.version == "0.7.17-7+b2")
    }

    @Test func readsWhatAptSays() {
        let mirror = "http://m.example/debian"
        func error(_ lines: String...) -> RucheError { AptFailure(lines: lines, mirror: mirror).error(doing: "x") }
        let suite = error(
            "  404  Not Found", "E: The repository '\(mirror) nosuch Release' does not have a Release file.")
        #expect(suite.code == .invalidRecipe && suite.message.contains("has no suite \"nosuch\":"))
        let network = error(
            "E: Failed to fetch \(mirror)/x  Could not connect to m.example", "E: Some index files failed to download.")
        #expect(network.code == .networkUnavailable && network.message.hasSuffix("Could not connect to m.example"))
        let mixed = "E: Failed to fetch \(mirror)/x  File has unexpected size (2 != 1). Mirror sync in progress?"
        #expect(AptFailure(lines: [mixed], mirror: mirror).isOutOfStep)
        #expect(!AptFailure(lines: ["E: Unable to locate package x"], mirror: mirror).isOutOfStep)
        #expect(error("tar: x: Cannot write: No space left on device", "E: mmdebstrap failed").code == .diskFull)
    }

    @Test func pipIsHeldToTheVersionsOfThePlaceItInstallsInto() {
        let pins = [
            "/usr/local/lib/python3.11/dist-packages": ["six": "1.17.0"],
            "/opt/a/lib/python3.11/site-packages": ["six": "1.16.0", "pip": "23"],
            "/opt/ab/lib/python3.11/site-packages": ["six": "1.15.0"],
        ]
        #expect(PipRunner.constraints(pins, venv: nil) == "six==1.17.0\n")
        #expect(PipRunner.constraints(pins, venv: "/opt/a/") == "pip==23\nsix==1.16.0\n")
        #expect(PipRunner.constraints(pins, venv: "/opt/none").isEmpty)
    }
}
