package import RucheCore

/// What stays of a public release that was removed, so that its identifier still says what it was.
package struct Tombstone: Hashable, Sendable, Codable {
    /// Of its ARK. It is made from name, version and digest, so nothing else ever has it.
    package var stem: String
    package var name: EnvironmentName
    package var version: ReleaseVersion
    package var digest: Digest
    package var summary: String?
    /// Milliseconds since 1970.
    package var publishedAt: Int64
    package var removedAt: Int64

    package init(
        stem: String, name: EnvironmentName, version: ReleaseVersion, digest: Digest, summary: String?,
        publishedAt: Int64, removedAt: Int64
    ) {
        self.stem = stem
        self.name = name
        self.version = version
        self.digest = digest
        self.summary = summary
        self.publishedAt = publishedAt
        self.removedAt = removedAt
    }
}

/// The tombstones of the catalogue, by the stem of their identifiers.
package protocol TombstoneStore: Sendable {
    /// Removes a release as without a tombstone, and leaves one in the same step; without one, an older one of the
    /// same release, whose identifier has the stem, goes as well.
    func remove(
        _ name: EnvironmentName, _ version: ReleaseVersion, stem: String, leaving tombstone: Tombstone?
    ) async throws
    /// Takes one away when there is one: the same release is published again.
    func unbury(_ stem: String) async throws
    /// Takes away those of releases that stand: their removal broke off.
    func unburyStanding(_ tombstones: [Tombstone]) async throws
    /// All of them; a file that can't be read is set aside and reported in `problems`.
    func tombstones() async throws -> (tombstones: [Tombstone], problems: [String])
}
