package import RucheCore
import RucheImages

/// What an installation came to.
package struct InstalledPipeline: Sendable, Encodable {
    /// `owner/name:version`.
    package var release: String
    package var digest: Digest
    /// False when the same package was installed before.
    package var isNew: Bool
    package var findings: [PackageFinding]

    init(_ release: Release, isNew: Bool, findings: [PackageFinding]) {
        self.release = "\(release.name):\(release.version)"
        digest = release.digest
        self.isNew = isNew
        self.findings = findings
    }
}
