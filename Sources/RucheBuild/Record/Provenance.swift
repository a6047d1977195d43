package import RucheCore

/// How and when a release was built: the one document of a build that differs every time.
package struct Provenance: Hashable, Sendable, Codable {
    package struct Step: Hashable, Sendable, Codable {
        package var title: String
        package var digest: Digest
        package var seconds: Double
        package var reused: Bool

        package init(title: String, digest: Digest, seconds: Double, reused: Bool) {
            self.title = title
            self.digest = digest
            self.seconds = seconds
            self.reused = reused
        }
    }

    package var schema = 1
    /// RFC 3339.
    package var startedAt: String
    package var finishedAt: String
    package var base: BuildLock.Base
    /// Versions of the programs that took part, as they print them.
    package var tools: [String: String]
    package var kernel: String
    package var architecture: String
    package var steps: [Step]

    package init(
        startedAt: String, finishedAt: String, base: BuildLock.Base, tools: [String: String], kernel: String,
        architecture: String, steps: [Step]
    ) {
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.base = base
        self.tools = tools
        self.kernel = kernel
        self.architecture = architecture
        self.steps = steps
    }
}
