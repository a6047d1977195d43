package import RucheCore

/// A release that the content store holds, as its documents say.
package struct Release: Sendable {
    package var name: EnvironmentName
    package var version: ReleaseVersion
    /// Digest of the OCI image index.
    package var digest: Digest
    package var index: ImageIndex
    /// Manifests whose subject is this release: recipe, lock, SBOM, log, provenance.
    package var referrers: [Descriptor]
    /// Seconds since 1970 when it was published here.
    package var publishedAt: Int64

    package init(
        name: EnvironmentName, version: ReleaseVersion, digest: Digest, index: ImageIndex, referrers: [Descriptor],
        publishedAt: Int64
    ) {
        self.name = name
        self.version = version
        self.digest = digest
        self.index = index
        self.referrers = referrers
        self.publishedAt = publishedAt
    }
}

/// The names of the catalogue over a content store: the roots from which everything else is reached.
///
/// One file a release and one a tag under `content/refs/`, so the database can be made again from them.
package protocol ReleaseStore: Sendable {
    /// Publishes in one atomic step. The same digest again is no error (referrers are merged); another
    /// digest under an existing version throws `release_immutable`.
    func publish(_ release: Release) async throws
    func release(_ name: EnvironmentName, _ version: ReleaseVersion) async throws -> Release?
    /// Every release; a file that can't be read is set aside and reported in `problems`.
    func all() async throws -> (releases: [Release], problems: [String])
    func tags(_ name: EnvironmentName) async throws -> [String: ReleaseVersion]
    func setTag(_ tag: String, of name: EnvironmentName, to version: ReleaseVersion?) async throws
    /// Removes the name; its blobs go with the next garbage collection.
    func remove(_ name: EnvironmentName, _ version: ReleaseVersion) async throws
    /// By version, tag, digest, or the newest that is no pre-release. Throws `not_found`.
    func resolve(_ reference: ReleaseReference) async throws -> Release
}
