import Foundation
import RucheBuild
package import RucheCore
package import RucheImages
package import RucheStore

/// The index of the catalogue in the database: only ever a copy of what the content store says.
package struct CatalogueIndex: Sendable {
    private let database: any SQLDatabase
    private let releases: any ReleaseStore
    private let reader: ReleaseReader

    package init(database: any SQLDatabase, releases: any ReleaseStore, reader: ReleaseReader) {
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
        row.variants = try await reader.variants(of: release).map(\.format).reduce(into: []) { formats, format in
            if !formats.contains(format) { formats.append(format) }
        }
        return row
    }

    package func save(_ release: Release) async throws {
        let row = try await row(release)
        try await database.write { try ReleaseRepository($0).save(row) }
        try await saveTags(of: release.name)
    }

    package func remove(_ name: EnvironmentName, _ version: ReleaseVersion) async throws {
        try await database.write {
            try ReleaseRepository($0).remove(name: name.description, version: version.description)
        }
        try await saveTags(of: name)
    }

    package func saveTags(of name: EnvironmentName) async throws {
        let rows = try await releases.tags(name).map {
            TagRow(name: name.description, tag: $0.key, version: $0.value.description)
        }
        try await database.write { try ReleaseRepository($0).setTags(rows, of: name.description) }
    }

    /// Makes the index again in one transaction. A release that can't be read is reported and left out.
    package func rebuild() async throws -> RebuildReport {
        let found = try await releases.all()
        var rows: [ReleaseRow] = []
        var problems = found.problems
        for release in found.releases {
            try Task.checkCancellation()
            do {
                rows.append(try await row(release))
            } catch let error as RucheError {
                problems.append("\(release.name):\(release.version): \(error.message)")
            }
        }
        var tags: [String: [TagRow]] = [:]
        for name in Set(found.releases.map(\.name)) {
            tags[name.description] = try await releases.tags(name).map {
                TagRow(name: name.description, tag: $0.key, version: $0.value.description)
            }
        }
        let (allRows, allTags) = (rows, tags)
        try await database.write { connection in
            let repository = ReleaseRepository(connection)
            try repository.removeAll()
            for row in allRows { try repository.save(row) }
            for (name, rows) in allTags { try repository.setTags(rows, of: name) }
        }
        return RebuildReport(
            releases: rows.count, tags: tags.values.reduce(0) { $0 + $1.count }, problems: problems)
    }

    /// Compares names, digests and tags with the refs and rebuilds only when they differ. Nil when they agree.
    package func reconcile() async throws -> RebuildReport? {
        let found = try await releases.all()
        let here = Set(found.releases.map { "\($0.name):\($0.version)@\($0.digest)" })
        var tagsHere: Set<TagRow> = []
        for name in Set(found.releases.map(\.name)) {
            tagsHere.formUnion(
                try await releases.tags(name).map {
                    TagRow(name: name.description, tag: $0.key, version: $0.value.description)
                })
        }
        let (indexed, tags) = try await database.read { connection in
            let repository = ReleaseRepository(connection)
            return (
                try repository.releases(after: nil, name: nil, text: nil, limit: .max), try repository.tags(of: nil)
            )
        }
        let same = here == Set(indexed.map { "\($0.name):\($0.version)@\($0.digest)" }) && tagsHere == Set(tags)
        return same ? nil : try await rebuild()
    }

    static func entry(_ row: ReleaseRow, tags: [String]) -> CatalogueEntry? {
        guard let name = EnvironmentName(row.name), let version = ReleaseVersion(row.version),
            let digest = Digest(row.digest)
        else { return nil }
        return CatalogueEntry(
            name: name, version: version, digest: digest, summary: row.summary, tags: tags.sorted(), size: row.size,
            variants: row.variants, isPipeline: row.isPipeline, publishedAt: row.publishedAt)
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
