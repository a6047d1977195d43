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
    /// The manifest that was pushed under the version, when that is not the index: clients of registries get it back
    /// as it came.
    package var pushed: Descriptor?
    /// Why it is not to be used any more.
    package var revocation: Revocation?
    /// The site of which it is a copy.
    package var origin: String?

    package init(
        name: EnvironmentName, version: ReleaseVersion, digest: Digest, index: ImageIndex, referrers: [Descriptor],
        publishedAt: Int64, pushed: Descriptor? = nil, revocation: Revocation? = nil
    ) {
        self.name = name
        self.version = version
        self.digest = digest
        self.index = index
        self.referrers = referrers
        self.publishedAt = publishedAt
        self.pushed = pushed
        self.revocation = revocation
    }
}

/// That a release is withdrawn: it keeps its record, and nobody is given its bytes.
package struct Revocation: Hashable, Sendable, Codable {
    package var reason: String
    /// Seconds since 1970.
    package var at: Int64

    package init(reason: String, at: Int64) {
        self.reason = reason
        self.at = at
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
    /// Withdraws a release, or takes that back with nil. The first reason stays.
    func revoke(_ name: EnvironmentName, _ version: ReleaseVersion, _ revocation: Revocation?) async throws
    /// By version, tag, digest, or the newest that is neither a pre-release nor revoked. Throws `not_found`.
    func resolve(_ reference: ReleaseReference) async throws -> Release
}

extension Release {
    /// Throws `gone` with the reason when it is withdrawn.
    package func requireStanding() throws {
        guard let revocation else { return }
        throw RucheError(
            .gone, "\(name):\(version) is revoked: \(revocation.reason)", details: ["reason": revocation.reason])
    }
}
