import RucheBuild
import RucheCore
import RucheImages
import RucheStore

/// What stays of releases that are removed.
extension CatalogueIndex {
    /// Of what anybody could see and cite; of private things nothing stays.
    func tombstone(of release: Release, at time: Int64) async throws -> Tombstone? {
        guard try await ReleaseVisibility(database: database).allows(.anonymous, toSee: release.name) else {
            return nil
        }
        let profile = try await releases.environment(release.name)?.profile
        let recipe = try? ReleaseAnnotation.recipe(of: release)  // what can't be read is removed all the same
        return Tombstone(
            stem: try await identifier(of: release).stem, name: release.name, version: release.version,
            digest: release.digest, summary: profile?.summary ?? recipe?.summary,
            publishedAt: release.publishedAt * 1000, removedAt: time)
    }

    static func row(_ tombstone: Tombstone) -> RemovedReleaseRow {
        RemovedReleaseRow(
            stem: tombstone.stem, name: tombstone.name.description, version: tombstone.version.description,
            digest: tombstone.digest.description, summary: tombstone.summary, publishedAt: tombstone.publishedAt,
            removedAt: tombstone.removedAt)
    }

    /// Whether the index has the tombstones that are kept, those aside whose release is here again.
    func hasTombstones(_ kept: [Tombstone]) async throws -> Bool {
        let stems = Set(kept.map(\.stem))
        return try await database.read { connection in
            let indexed = try RemovedReleaseRepository(connection).stems()
            guard indexed.isSubset(of: stems) else { return false }
            let identifiers = IdentifierRepository(connection)
            return try stems.subtracting(indexed).allSatisfy { try identifiers.identifier(stem: $0) != nil }
        }
    }
}
