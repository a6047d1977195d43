import RucheHost
import SystemPackage

/// The demo's environment, built once for the tests that need Debian; each gets its own copy of the data.
actor DemoBuild {
    static let shared = DemoBuild()

    private var building: Task<FilePath, any Error>?

    /// The data directory after one build from nothing. Read only: copy it.
    func data() async throws -> FilePath {
        if let building { return try await building.value }
        let task = Task {
            let fixture = RucheFixture(folder: try TemporaryDirectory.make(in: "/var/tmp", prefix: "ruche-demo"))
            try await fixture.ruche("build", RucheFixture.examples.appending("variant-calling").string)
            return fixture.data
        }
        building = task
        return try await task.value
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
