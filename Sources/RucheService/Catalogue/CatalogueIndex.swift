import Foundation
import RucheBuild
package import RucheCore
package import RucheImages
package import RucheStore

/// The index of the catalogue in the database: only ever a copy of what the content store says.
package struct CatalogueIndex: Sendable {
    let database: any SQLDatabase
    let releases: any CatalogueStore
    let reader: ReleaseReader

    package init(database: any SQLDatabase, releases: any CatalogueStore, reader: ReleaseReader) {
        self.database = database
        self.releases = releases
        self.reader = reader
    }

    package func page(
        cursor: String?, name: EnvironmentName?, text: String?, owners: OwnerSelection = .all, limit: Int
    ) async throws -> CataloguePage {
        let start = try cursor.map(Self.decode)
        let (rows, tags) = try await database.read { connection in
            let repository = ReleaseRepository(connection)
            return (
                try repository.releases(
                    after: start, name: name?.description, text: text, owners: owners.names, limit: limit + 1),
                try repository.tags(of: name?.description)
            )
        }
        let tagsByRelease = Dictionary(grouping: tags) { "\($0.name):\($0.version)" }
        let entries = rows.prefix(limit).compactMap { row in
            Self.entry(row, tags: (tagsByRelease["\(row.name):\(row.version)"] ?? []).map(\.tag))
        }
        return CataloguePage(entries: entries, next: rows.count > limit ? rows[..<limit].last.map(Self.encode) : nil)
    }

    /// What the index says of a release, made from its documents.
    package func row(_ release: Release) async throws -> ReleaseRow {
        var row = ReleaseRow(
            name: release.name.description, version: release.version.description,
            digest: release.digest.description, publishedAt: release.publishedAt * 1000)
        let recipe = try ReleaseAnnotation.recipe(of: release)
        row.summary = recipe?.summary
        row.isPipeline = recipe?.pipeline != nil
        row.size = try await reader.size(of: release)
        row.revokedAt = release.revocation.map { $0.at * 1000 }
        row.revokedReason = release.revocation?.reason
        row.variants = try await reader.variants(of: release).map(\.format).reduce(into: []) { formats, format in
            if !formats.contains(format) { formats.append(format) }
        }
        return row
    }

    package func save(_ release: Release) async throws {
        let row = try await row(release)
        // Nobody is given the bytes of what is revoked.
        let contents = Self.blobs(try await reader.contents(of: release).blobs)
        let (blobs, kept) = release.revocation == nil ? (contents, []) : ([], contents)
        let (source, packages) = try await reader.searchSource(of: release)
        let record = try await touch(release.name, at: release.publishedAt * 1000)
        let identifier = try await identifier(of: release)
        try await database.write { connection in
            try ReleaseRepository(connection).save(row)
            try IdentifierRepository(connection).save(identifier)
            try RemovedReleaseRepository(connection).remove(stem: identifier.stem)
            try EnvironmentBlobRepository(connection).set(
                blobs, of: row.name, source: Self.source(release.version))
            try EnvironmentBlobRepository(connection).keep(kept, of: row.name, source: Self.source(release.version))
            try SearchIndex(connection).save(record, row, source, packages)
        }
        try await releases.unbury(identifier.stem)
        try await saveTags(of: release.name)
    }

    /// Makes the environment's record when there is none. `time` is milliseconds since 1970.
    @discardableResult
    package func touch(_ name: EnvironmentName, at time: Int64) async throws -> EnvironmentRecord {
        let record = try await releases.changeEnvironment(name) {
            var record = $0 ?? EnvironmentRecord(name: name, createdAt: time)
            record.updatedAt = max(record.updatedAt, time)
            return record
        }
        let (row, identifier) = (Self.row(record), Identification.row(record))
        try await database.write { connection in
            try EnvironmentRepository(connection).save(row)
            try IdentifierRepository(connection).save(identifier)
            try SearchIndex(connection).touch(record)
        }
        return record
    }

    package func downloads(of release: Release) async throws -> Int64 {
        try await database.read {
            try EnvironmentRepository($0).downloads(of: release.name.description, version: "\(release.version)")
        }
    }

    package func versions(of name: EnvironmentName) async throws -> [ReleaseVersion] {
        try await database.read {
            try ReleaseRepository($0).releases(after: nil, name: name.description, text: nil, limit: .max)
        }.compactMap { ReleaseVersion($0.version) }
    }

    /// What a pushed manifest brings; nothing when it is gone.
    package func setPushed(
        _ digest: Digest, of name: EnvironmentName, _ manifest: PushedManifest?
    ) async throws {
        let blobs = manifest.map { Self.blobs([$0.descriptor] + $0.children) } ?? []
        try await database.write {
            try EnvironmentBlobRepository($0).set(blobs, of: name.description, source: Self.source(digest))
        }
    }

    /// What a draft keeps; nothing when it is gone.
    package func setDraft(_ draft: ReleaseDraft?, _ name: EnvironmentName, _ version: ReleaseVersion) async throws {
        let blobs = Self.blobs(draft)
        try await database.write {
            try EnvironmentBlobRepository($0).keep(blobs, of: name.description, source: Self.draft(version))
        }
    }

    package func remove(
        _ name: EnvironmentName, _ version: ReleaseVersion, leaving tombstone: Tombstone? = nil
    ) async throws {
        try await database.write { connection in
            try ReleaseRepository(connection).remove(name: name.description, version: version.description)
            try IdentifierRepository(connection).remove(name: name.description, version: version.description)
            let blobs = EnvironmentBlobRepository(connection)
            try blobs.remove(of: name.description, source: Self.source(version))
            try blobs.keep([], of: name.description, source: Self.source(version))
            try SearchIndex(connection).remove(name, version)
            if let tombstone { try RemovedReleaseRepository(connection).save(Self.row(tombstone)) }
        }
        try await saveTags(of: name)
    }

    package func saveTags(of name: EnvironmentName) async throws {
        let rows = try await releases.tags(name).map {
            TagRow(name: name.description, tag: $0.key, version: $0.value.description)
        }
        try await database.write { try ReleaseRepository($0).setTags(rows, of: name.description) }
    }

    static func entry(_ row: ReleaseRow, tags: [String]) -> CatalogueEntry? {
        guard let name = EnvironmentName(row.name), let version = ReleaseVersion(row.version),
            let digest = Digest(row.digest)
        else { return nil }
        return CatalogueEntry(
            name: name, version: version, digest: digest, summary: row.summary, tags: tags.sorted(), size: row.size,
            variants: row.variants, isPipeline: row.isPipeline, publishedAt: row.publishedAt,
            revokedReason: row.revokedReason)
    }

    private static func encode(_ row: ReleaseRow) -> String { "\(row.name):\(row.version)@\(row.publishedAt)" }

    private static func decode(_ text: String) throws -> ReleaseCursor {
        guard let match = text.wholeMatch(of: /([^:@]+):([^:@]+)@([0-9]{1,18})/), let time = Int64(match.output.3)
        else {
            throw RucheError(.invalidInput, "\"\(text.prefix(80))\" is no cursor of this list: use \"next\" of a page")
        }
        return ReleaseCursor(name: String(match.output.1), publishedAt: time, version: String(match.output.2))
    }
}
