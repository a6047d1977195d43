package import RucheCore
package import RucheImages
package import RucheStore

/// The images of the catalogue that LXD and Incus can take.
package struct StreamService: Sendable {
    private let catalogue: CatalogueService
    private let database: any SQLDatabase
    package var content: any ContentStore { catalogue.content }

    package init(catalogue: CatalogueService, database: any SQLDatabase) {
        self.catalogue = catalogue
        self.database = database
    }

    /// Those of releases of `owners`, and of public environments, that stand; by name, newest release first.
    package func images(owners: OwnerSelection) async throws -> [StreamImage] {
        let rows = try await database.read {
            try ReleaseRepository($0).releases(after: nil, name: nil, text: nil, owners: owners.names, limit: .max)
        }
        var newest: [String: ReleaseVersion] = [:]
        let standing = rows.filter { $0.revokedAt == nil }
        for row in standing {
            guard let version = ReleaseVersion(row.version), !version.isPrerelease else { continue }
            newest[row.name] = max(newest[row.name] ?? version, version)
        }
        var images: [StreamImage] = []
        for row in standing where row.variants.contains(where: { $0 == "lxd" || $0 == "lxd-vm" }) {
            guard let name = EnvironmentName(row.name), let version = ReleaseVersion(row.version),
                // Removed since: left out.
                let release = try await catalogue.releases.release(name, version)
            else { continue }
            images += try await self.images(of: release, isNewest: newest[row.name] == version)
        }
        return images
    }

    private func images(of release: Release, isNewest: Bool) async throws -> [StreamImage] {
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
                    architecture: variant.platform?.architecture ?? "amd64", isNewest: isNewest,
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
