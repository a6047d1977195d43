/// The persistent identifier of an environment or a release.
package struct IdentifierRow: Hashable, Sendable {
    /// `owner/name`.
    package var name: String
    /// Empty for the environment itself.
    package var version: String
    /// The name of the ARK, without its check character.
    package var stem: String
    /// Of the release that was identified.
    package var digest: String?
    package var swhid: String?
    /// Milliseconds since 1970.
    package var mintedAt: Int64

    package init(name: String, version: String = "", stem: String, digest: String? = nil, mintedAt: Int64) {
        self.name = name
        self.version = version
        self.stem = stem
        self.digest = digest
        self.mintedAt = mintedAt
    }
}
