package import RucheCore
package import RucheImages
package import RucheStore

/// The images of the catalogue that LXD and Incus can take.
package struct StreamService: Sendable {
    private let catalogue: CatalogueService
    private let database: any SQLDatabase
    private let memory = StreamMemory()
    package var content: any ContentStore { catalogue.content }

    package init(catalogue: CatalogueService, database: any SQLDatabase) {
        self.catalogue = catalogue
        self.database = database
    }

    /// What `images` answers is the same as long as this is, for the same owners.
    package func revision() async throws -> CatalogueRevision {
        try await database.read { try CatalogueRevision($0) }
    }

    /// Those of releases of `owners`, and of public environments, that stand; by name, newest release first. With
    /// the revision of the catalogue that they are of.
    package func images(
        owners: OwnerSelection
    ) async throws -> (revision: CatalogueRevision, images: [StreamImage]) {
        let (revision, rows) = try await database.read { connection in
            (
                try CatalogueRevision(connection),
                try ReleaseRepository(connection).releases(
                    after: nil, name: nil, text: nil, owners: owners.names, limit: .max)
            )
        }
        var newest: [String: ReleaseVersion] = [:]
        let standing = rows.filter { $0.revokedAt == nil }
        for row in standing {
            guard let version = ReleaseVersion(row.version), !version.isPrerelease else { continue }
            newest[row.name] = max(newest[row.name] ?? version, version)
        }
        var images: [StreamImage] = []
        let listed = standing.filter { $0.variants.contains { $0 == "lxd" || $0 == "lxd-vm" } }
        for row in listed {
            guard let name = EnvironmentName(row.name), let version = ReleaseVersion(row.version) else { continue }
            for var image in try await self.images(of: row, name, version) {
                (image.name, image.version, image.publishedAt) = (name, version, row.publishedAt)
                image.isNewest = newest[row.name] == version
                images.append(image)
            }
        }
        memory.forget(allBut: listed.count) { Set(listed.compactMap { Digest($0.digest) }) }
        return (revision, images)
    }

    /// Read once and then remembered. Of a release that was removed since, nothing.
    private func images(
        of row: ReleaseRow, _ name: EnvironmentName, _ version: ReleaseVersion
    ) async throws -> [StreamImage] {
        if let digest = Digest(row.digest), let known = memory.images(of: digest) { return known }
        guard let release = try await catalogue.releases.release(name, version),
            release.digest.description == row.digest
        else { return [] }
        let images = try await images(of: release)
        memory.keep(images, of: release.digest)
        return images
    }

    private func images(of release: Release) async throws -> [StreamImage] {
        var images: [StreamImage] = []
        let kinds = [MediaType.lxd, MediaType.lxdMachine]
        for variant in release.index.manifests where variant.artifactType.map(kinds.contains) ?? false {
            let manifest = try await content.document(Manifest.self, variant.digest)
            guard let metadata = manifest.layers.first(where: { $0.mediaType == MediaType.lxdMetadata }),
                let root = manifest.layers.first(where: {
                    $0.mediaType == MediaType.squashfs || $0.mediaType == MediaType.diskFile
                })
            else { continue }
            images.append(
                StreamImage(
                    name: release.name, version: release.version,
                    architecture: variant.platform?.architecture ?? "amd64", isNewest: false,
                    publishedAt: release.publishedAt * 1000, metadata: metadata, root: root,
                    fingerprint: try await fingerprint(metadata.digest, root.digest)))
        }
        return images
    }

    /// Read once and then remembered: the root is as large as the system.
    private func fingerprint(_ metadata: Digest, _ root: Digest) async throws -> String {
        let (first, second) = (metadata.description, root.description)
        if let known = try await database.read({ try CombinedHashRepository($0).hash(first, second) }) { return known }
        var hasher = StreamHasher()
        for digest in [metadata, root] {
            for try await chunk in try await content.stream(digest, offset: 0, length: nil) { hasher.update(chunk) }
        }
        let hash = hasher.finish().hex
        try await database.write { try CombinedHashRepository($0).save(hash, of: first, second) }
        return hash
    }

    /// Bytes of a file of an environment's images. Throws `not_found`.
    package func size(of digest: Digest, in name: EnvironmentName) async throws -> Int64 {
        let isThere = try await database.read {
            try EnvironmentBlobRepository($0).isNamed(digest.description, in: name.description)
        }
        guard isThere, let size = try await content.size(of: digest)?.bytes else {
            throw RucheError(.notFound, "\(name) has no file \(digest.short)")
        }
        return size
    }
}
