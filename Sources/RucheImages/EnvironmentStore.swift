package import RucheCore

/// What people say of environments, and versions that are being put together. The names of the catalogue are kept
/// beside (`ReleaseStore`), the manifests that were pushed too (`PushedManifestStore`).
package protocol EnvironmentStore: Sendable {
    func environment(_ name: EnvironmentName) async throws -> EnvironmentRecord?
    /// Every environment that has anything: a record, a release, a draft or a pushed manifest.
    func environments() async throws -> [EnvironmentName]
    /// Reads, changes and writes in one step that nobody else comes between.
    @discardableResult
    func changeEnvironment(
        _ name: EnvironmentName, _ change: @Sendable (EnvironmentRecord?) throws -> EnvironmentRecord
    ) async throws -> EnvironmentRecord
    /// With the tombstones of a private one. Throws `conflict` while it has releases.
    func removeEnvironment(_ name: EnvironmentName) async throws

    func draft(_ name: EnvironmentName, _ version: ReleaseVersion) async throws -> ReleaseDraft?
    /// Oldest version first.
    func drafts(_ name: EnvironmentName) async throws -> [ReleaseDraft]
    /// Reads, changes and writes in one step; nil removes. Throws `release_immutable` for a version that is released.
    @discardableResult
    func changeDraft(
        _ name: EnvironmentName, _ version: ReleaseVersion,
        _ change: @Sendable (ReleaseDraft?) throws -> ReleaseDraft?
    ) async throws -> ReleaseDraft?
}

/// An environment as it is kept.
package struct EnvironmentRecord: Hashable, Sendable, Codable {
    package var name: EnvironmentName
    package var profile: EnvironmentProfile
    /// Milliseconds since 1970.
    package var createdAt: Int64
    package var updatedAt: Int64
    /// The site of which this is a copy, which nothing but that site's releases changes.
    package var mirrorOf: String?

    package init(name: EnvironmentName, profile: EnvironmentProfile = EnvironmentProfile(), createdAt: Int64) {
        self.name = name
        self.profile = profile
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}

/// Everything that has a name in the catalogue.
package typealias CatalogueStore = ReleaseStore & EnvironmentStore & PushedManifestStore & TombstoneStore
