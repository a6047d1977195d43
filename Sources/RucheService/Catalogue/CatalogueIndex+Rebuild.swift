import RucheCore
import RucheImages
import RucheStore

/// Making the index again, and finding out whether that is due.
extension CatalogueIndex {
    /// What the index holds, made from the content store.
    private struct Contents: Sendable {
        var releases: [ReleaseRow] = []
        var tags: [String: [TagRow]] = [:]
        var environments: [EnvironmentRow] = []
        var blobs: [BlobSource: [Descriptor]] = [:]
        /// What is given to nobody.
        var kept: [BlobSource: [(digest: String, size: Int64)]] = [:]
        var records: [EnvironmentRecord] = []
        /// By the release's name and version.
        var sources: [String: (source: SearchSource, packages: [String])] = [:]
        var identifiers: [IdentifierRow] = []
        var tombstones: [Tombstone] = []
        var problems: [String] = []
    }

    private struct BlobSource: Hashable, Sendable {
        var name: String
        var source: String
    }

    /// Makes the index again in one transaction. A release that can't be read is reported and left out.
    package func rebuild() async throws -> RebuildReport {
        let contents = try await readContents()
        try await database.write { connection in
            try ReleaseRepository(connection).removeAll()
            try EnvironmentRepository(connection).removeAll()
            try EnvironmentBlobRepository(connection).removeAll()
            try IdentifierRepository(connection).removeAll()
            for row in contents.identifiers { try IdentifierRepository(connection).save(row) }
            try RemovedReleaseRepository(connection).removeAll()
            let standing = Set(contents.identifiers.map(\.stem))
            for tombstone in contents.tombstones where !standing.contains(tombstone.stem) {
                try RemovedReleaseRepository(connection).save(Self.row(tombstone))
            }
            for row in contents.releases { try ReleaseRepository(connection).save(row) }
            for (name, rows) in contents.tags { try ReleaseRepository(connection).setTags(rows, of: name) }
            for row in contents.environments { try EnvironmentRepository(connection).save(row) }
            for (source, blobs) in contents.blobs {
                try EnvironmentBlobRepository(connection).set(
                    Self.blobs(blobs), of: source.name, source: source.source)
            }
            for (source, blobs) in contents.kept {
                try EnvironmentBlobRepository(connection).keep(blobs, of: source.name, source: source.source)
            }
            try SearchIndex(connection).rebuild(contents.records, contents.releases) { row in
                contents.sources["\(row.name):\(row.version)"] ?? (SearchSource(), [])
            }
        }
        try await releases.unburyStanding(contents.tombstones)
        return RebuildReport(
            releases: contents.releases.count, tags: contents.tags.values.reduce(0) { $0 + $1.count },
            problems: contents.problems)
    }

    private func readContents() async throws -> Contents {
        var contents = Contents()
        let found = try await releases.all()
        contents.problems = found.problems
        for release in found.releases {
            try Task.checkCancellation()
            do {
                let row = try await row(release)
                contents.releases.append(row)
                contents.sources["\(row.name):\(row.version)"] = try await reader.searchSource(of: release)
                contents.identifiers.append(try await identifier(of: release))
                let source = BlobSource(name: release.name.description, source: Self.source(release.version))
                let blobs = try await reader.contents(of: release).blobs
                if release.revocation == nil {
                    contents.blobs[source] = blobs
                } else {
                    contents.kept[source] = Self.blobs(blobs)
                }
            } catch let error as RucheError {
                contents.problems.append("\(release.name):\(release.version): \(error.message)")
            }
        }
        let buried = try await releases.tombstones()
        contents.tombstones = buried.tombstones
        contents.problems += buried.problems
        for name in try await releases.environments() { try await read(name, found.releases, into: &contents) }
        return contents
    }

    /// What of an environment is in no release of it.
    private func read(_ name: EnvironmentName, _ all: [Release], into contents: inout Contents) async throws {
        contents.tags[name.description] = try await releases.tags(name).map {
            TagRow(name: name.description, tag: $0.key, version: $0.value.description)
        }
        let record = try await record(name, all)
        contents.records.append(record)
        contents.environments.append(Self.row(record))
        contents.identifiers.append(Identification.row(record))
        for draft in try await releases.drafts(name) {
            contents.kept[BlobSource(name: name.description, source: Self.draft(draft.version))] = Self.blobs(draft)
        }
        for manifest in try await releases.pushedManifests(of: name) {
            contents.blobs[BlobSource(name: name.description, source: Self.source(manifest.descriptor.digest))] =
                [manifest.descriptor] + manifest.children
        }
    }

    /// The record of an environment; makes one for releases of before there were any.
    private func record(_ name: EnvironmentName, _ all: [Release]) async throws -> EnvironmentRecord {
        if let record = try await releases.environment(name) { return record }
        let first = all.filter { $0.name == name }.map(\.publishedAt).min()
        let time = first.map { $0 * 1000 } ?? SystemTime.milliseconds()
        return try await releases.changeEnvironment(name) { $0 ?? EnvironmentRecord(name: name, createdAt: time) }
    }

    /// Compares names, digests and tags with the refs and rebuilds only when they differ. Nil when they agree.
    package func reconcile() async throws -> RebuildReport? {
        let found = try await releases.all()
        let here = Set(found.releases.map(Self.mark))
        var tagsHere: Set<TagRow> = []
        var environmentsHere: Set<EnvironmentRow> = []
        for name in try await releases.environments() {
            tagsHere.formUnion(
                try await releases.tags(name).map {
                    TagRow(name: name.description, tag: $0.key, version: $0.value.description)
                })
            guard let record = try await releases.environment(name) else { return try await rebuild() }
            environmentsHere.insert(Self.row(record))
        }
        let (indexed, tags, environments, searched) = try await database.read { connection in
            let repository = ReleaseRepository(connection)
            return (
                try repository.releases(after: nil, name: nil, text: nil, limit: .max),
                try repository.tags(of: nil),
                try EnvironmentRepository(connection).environments(owners: nil, limit: .max),
                try SearchIndex(connection).marks()
            )
        }
        let hasTombstones = try await hasTombstones(try await releases.tombstones().tombstones)
        let same =
            hasTombstones
            && here
                == Set(
                    indexed.map { "\($0.name):\($0.version)@\($0.digest)\($0.revokedReason.map { " \($0)" } ?? "")" })
            && tagsHere == Set(tags) && environmentsHere == Set(environments)
            && searched
                == Set(found.releases.map { "\($0.name):\($0.version)@\($0.digest)" })
                .union(environmentsHere.map { "\($0.name):@" })
        return same ? nil : try await rebuild()
    }

    private static func mark(_ release: Release) -> String {
        "\(release.name):\(release.version)@\(release.digest)\(release.revocation.map { " \($0.reason)" } ?? "")"
    }

    static func row(_ record: EnvironmentRecord) -> EnvironmentRow {
        EnvironmentRow(
            name: record.name.description, owner: record.name.owner, visibility: record.profile.visibility.rawValue,
            summary: record.profile.summary, createdAt: record.createdAt, updatedAt: record.updatedAt)
    }

    // MARK: Where an environment has its blobs from

    static func source(_ version: ReleaseVersion) -> String { "release:\(version)" }
    /// A manifest that was pushed.
    static func source(_ manifest: Digest) -> String { "manifest:\(manifest.hex)" }

    static func draft(_ version: ReleaseVersion) -> String { "draft:\(version)" }

    static func blobs(_ draft: ReleaseDraft?) -> [(digest: String, size: Int64)] {
        (draft?.variants ?? []).compactMap { box in box.blob.map { ($0.description, box.size ?? 0) } }
    }

    static func blobs(_ descriptors: [Descriptor]) -> [(digest: String, size: Int64)] {
        Dictionary(descriptors.map { ($0.digest.description, $0.size) }, uniquingKeysWith: max)
            .map { (digest: $0.key, size: $0.value) }
    }
}
