import RucheCore

/// How and when a release was built: the one document of a build that differs every time.
struct Provenance: Codable {
    struct Step: Codable {
        var title: String
        var digest: Digest
        var seconds: Double
        var reused: Bool
    }

    var schema = 1
    /// RFC 3339.
    var startedAt: String
    var finishedAt: String
    var base: BuildLock.Base
    /// Versions of the programs that took part, as they print them.
    var tools: [String: String]
    var kernel: String
    var architecture: String
    var steps: [Step]
}
