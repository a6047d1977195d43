package import RucheCore
package import RucheImages
package import RucheStore

/// The catalogue as a registry (OCI distribution specification 1.1): an environment is a repository, a release's
/// version is a tag that never moves, every other tag moves as clients push.
package struct RegistryService: Sendable {
    package let catalogue: CatalogueService
    let store: any CatalogueStore
    package let content: any ContentStore
    let database: any SQLDatabase
    let events: any EventLog
    package let uploads: BlobUploads
    let lease: @Sendable () throws -> ContentLease
    let now: @Sendable () -> Int64

    package init(
        catalogue: CatalogueService, database: any SQLDatabase, events: any EventLog, uploads: BlobUploads,
        now: @escaping @Sendable () -> Int64 = SystemTime.milliseconds,
        lease: @escaping @Sendable () throws -> ContentLease
    ) {
        self.catalogue = catalogue
        store = catalogue.releases
        content = catalogue.content
        self.database = database
        self.events = events
        self.uploads = uploads
        self.lease = lease
        self.now = now
    }

    /// What a pull by a reference gives: a tag, a version, or a digest.
    package func manifest(_ reference: String, of name: EnvironmentName) async throws -> Descriptor {
        let found =
            if let digest = Digest(reference) {
                try await manifest(digest, of: name)
            } else {
                try await manifest(tag: reference, of: name)
            }
        guard let found else { throw Self.unknownManifest(reference, name) }
        return found
    }

    private func manifest(tag: String, of name: EnvironmentName) async throws -> Descriptor? {
        guard ReleaseReference.isTag(tag) else { return nil }
        let version = try await store.tags(name)[tag] ?? ReleaseVersion(tag)
        if let version, let release = try await store.release(name, version) { return try await served(release) }
        if let digest = try await store.manifestTags(name)[tag] { return try await manifest(digest, of: name) }
        // What people call the newest, where nobody pushed a tag of that name.
        guard tag == "latest", let release = try? await store.resolve(ReleaseReference(name: name)) else { return nil }
        return try await served(release)
    }

    /// The manifest that stands for a release.
    private func served(_ release: Release) async throws -> Descriptor {
        try release.requireStanding()
        if let pushed = release.pushed { return pushed }
        let size = try await content.size(of: release.digest)?.bytes ?? 0
        return Descriptor(mediaType: release.index.mediaType, digest: release.digest, size: size)
    }

    private func manifest(_ digest: Digest, of name: EnvironmentName) async throws -> Descriptor? {
        if let pushed = try await store.pushedManifest(digest, of: name) { return pushed.descriptor }
        guard try await has(digest, in: name), let size = try await content.size(of: digest)?.bytes,
            size <= CanonicalJSON.limit
        else { return nil }
        // A layer is a blob of the environment too, and no manifest.
        guard let document = try? await content.document(TypedDocument.self, digest), let type = document.mediaType,
            ManifestDocument.indexes.contains(type) || ManifestDocument.manifests.contains(type)
        else { return nil }
        return Descriptor(mediaType: type, digest: digest, size: size)
    }

    private struct TypedDocument: Decodable { var mediaType: String? }

    /// Bytes of a blob of a repository. Throws `not_found`: also for one that is here, but of other repositories only.
    package func size(ofBlob digest: Digest, of name: EnvironmentName) async throws -> Int64 {
        guard try await has(digest, in: name), let size = try await content.size(of: digest)?.bytes else {
            throw RucheError(.notFound, "\(name) has no blob \(digest)", details: ["digest": digest.description])
        }
        return size
    }

    package func has(_ digest: Digest, in name: EnvironmentName) async throws -> Bool {
        try await database.read { try EnvironmentBlobRepository($0).has(digest.description, in: name.description) }
    }

    /// Whether a repository has anything that could be pulled.
    package func exists(_ name: EnvironmentName) async throws -> Bool { try await store.environment(name) != nil }

    /// Versions that stand and tags, in order; from after `last`, at most `limit`.
    package func tags(
        of name: EnvironmentName, after last: String?, limit: Int?
    ) async throws -> (tags: [String], isCut: Bool) {
        let releases = try await database.read {
            try ReleaseRepository($0).releases(after: nil, name: name.description, text: nil, limit: .max)
        }
        let versions = releases.filter { $0.revokedAt == nil }.map(\.version)
        let standing = Set(versions)
        let tags = try await store.tags(name).filter { standing.contains($0.value.description) }.map(\.key)
        let all = Set(versions + tags + (try await store.manifestTags(name)).keys).sorted()
        return Self.page(all, after: last, limit: limit)
    }

    /// Names of the repositories of `owners` and of public ones, in order.
    package func repositories(
        owners: OwnerSelection, after last: String?, limit: Int
    ) async throws -> (names: [String], isCut: Bool) {
        let rows = try await database.read {
            try EnvironmentRepository($0).environments(after: last, owners: owners.names, limit: limit + 1)
        }
        return (rows.prefix(limit).map(\.name), rows.count > limit)
    }

    /// Manifests whose subject a digest is.
    package func referrers(of digest: Digest, in name: EnvironmentName) async throws -> [Descriptor] {
        var found = try await store.pushedReferrers(of: digest, in: name).map(\.descriptor)
        let versions = try await database.read {
            try ReleaseRepository($0).releases(after: nil, name: name.description, text: nil, limit: .max)
        }.filter { $0.digest == digest.description && $0.revokedAt == nil }.compactMap { ReleaseVersion($0.version) }
        for version in versions {
            let known = Set(found.map(\.digest))
            found += (try await store.release(name, version)?.referrers ?? []).filter { !known.contains($0.digest) }
        }
        return found
    }

    private static func page(_ all: [String], after last: String?, limit: Int?) -> ([String], Bool) {
        let rest = last.map { last in all.drop { $0 <= last } } ?? all[...]
        guard let limit else { return (Array(rest), false) }
        return (Array(rest.prefix(limit)), rest.count > limit)
    }

    static func unknownManifest(_ reference: String, _ name: EnvironmentName) -> RucheError {
        RucheError(.notFound, "\(name) has no manifest \"\(reference.prefix(140))\"")
    }
}
