package import RucheCore
package import SystemPackage

/// The layers of an image in the store.
package struct ImageLayers: Sendable {
    private let store: any ContentStore

    package init(store: any ContentStore) { self.store = store }

    /// The blobs and diff ids of an image manifest, lowest first. Throws `corrupt_content` when they don't match.
    package func list(_ manifest: Descriptor) async throws -> [(blob: Descriptor, diffID: Digest)] {
        let document = try await store.document(Manifest.self, manifest.digest)
        let config = try await store.document(ImageConfig.self, document.config.digest)
        let diffIDs = config.rootfs.diff_ids.compactMap { Digest($0) }
        guard diffIDs.count == document.layers.count, diffIDs.count == config.rootfs.diff_ids.count else {
            throw RucheError(
                .corruptContent,
                "image \(manifest.digest) has \(document.layers.count) layers and \(diffIDs.count) valid diff ids")
        }
        return zip(document.layers, diffIDs).map { ($0, $1) }
    }

    /// The folders of an image's layers, topmost first, as overlayfs wants them in `lowerdir`.
    package func folders(of manifest: Descriptor, in cache: any LayerCache) async throws -> [FilePath] {
        var folders: [FilePath] = []
        for layer in try await list(manifest) {
            folders.append(try await cache.folder(diffID: layer.diffID, blob: layer.blob))
        }
        return folders.reversed()
    }
}

extension Release {
    /// The OCI image for an architecture (`amd64`). Throws `not_found` that lists what there is.
    package func imageDescriptor(architecture: String) throws -> Descriptor {
        if let descriptor = variant(artifactType: nil, architecture: architecture) { return descriptor }
        let known = index.manifests.filter { $0.artifactType == nil }.compactMap { $0.platform?.architecture }
        throw RucheError(
            .notFound,
            "\(name):\(version) has no image for \(architecture); it has \(known.isEmpty ? "none" : known.joined(separator: ", "))"
        )
    }

    /// The manifest of a variant: nil as `artifactType` means the OCI image.
    package func variant(artifactType: String?, architecture: String) -> Descriptor? {
        index.manifests.first { $0.artifactType == artifactType && $0.platform?.architecture == architecture }
    }
}
