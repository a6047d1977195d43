import RucheHost
import Support
import SystemPackage

/// The demo's environment, built once for the tests that need Debian; each gets its own copy of the data.
actor DemoBuild {
    static let shared = DemoBuild()

    private var building: Task<FilePath, any Error>?

    /// Reads until the process of the tests has ended, however that came.
    private static let removal = """
        cat >/dev/null
        grep -o " $1/[^ ]*" /proc/self/mounts | sort -r | xargs -r umount -l
        rm -rf "$1"
        """

    /// The data directory after one build from nothing. Read only: copy it. It goes with the process of the tests.
    func data() async throws -> FilePath {
        if let building { return try await building.value }
        let task = Task<FilePath, any Error> {
            do {
                return try await build()
            } catch {
                building = nil  // the next test tries again
                throw error
            }
        }
        building = task
        return try await task.value
    }

    private func build() async throws -> FilePath {
        let fixture = RucheFixture(folder: try TemporaryDirectory.make(in: "/var/tmp", prefix: "ruche-demo"))
        let folder = fixture.folder.string
        let script = try WatchedScript(Self.removal, [folder], log: fixture.folder.appending("removal.log"))
        do {
            let built = try await fixture.ruche("build", RucheFixture.examples.appending("variant-calling").string)
            guard built.status.isSuccess else { throw NeverHappened(what: "the demo is built") }
            return fixture.data
        } catch {
            try? await script.end()  // the first error is the one to report
            throw error
        }
    }
}

extension RucheFixture {
    /// A fixture whose data directory starts as a copy of the demo's.
    static func withDemo<Result>(_ body: (RucheFixture) async throws -> Result) async throws -> Result {
        let data = try await DemoBuild.shared.data()
        return try await with { fixture in
            try await fixture.tool("cp", "-a", data.string, fixture.data.string)
            return try await body(fixture)
        }
    }
}
