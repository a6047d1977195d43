package import RucheCore
package import RucheHost
import SystemPackage

/// Brings an image from outside into the store. Every digest and diff id is verified; what is not as it says is
/// refused, and what was stored until then is garbage for the next collection.
package struct ImageImporter: Sendable {
    /// What came in; layers and diff ids lowest first.
    package typealias Imported = (manifest: Descriptor, config: ImageConfig, layers: [Descriptor], diffIDs: [Digest])

    let store: any ContentStore
    private let cache: FileLayerCache
    let limits: ArchiveLimits

    package init(store: any ContentStore, cache: FileLayerCache, limits: ArchiveLimits = ArchiveLimits()) {
        self.store = store
        self.cache = cache
        self.limits = limits
    }

    /// `architecture` is OCI's name (`amd64`); `tag` selects one of several images, as `tag` or `name:tag`.
    /// `clampTime` (seconds since 1970) bounds the times in a layer made from a root tarball.
    ///
    /// Throws `not_found` for a missing file, tag or architecture, `invalid_archive` and `invalid_input` for bad
    /// content, `corrupt_content` for a wrong digest, `unsupported` for unknown media types.
    package func importImage(
        _ source: ImageSource, architecture: String, tag: String? = nil, clampTime: Int64 = .max
    ) async throws -> Imported {
        switch source {
        case .ociLayout(let path):
            let layout = try OCILayoutImport(folder: path, store: store)
            return try await layout.run(architecture: architecture, tag: tag)
        case .ociArchive(let path):
            let layout = try await OCILayoutImport(archive: path, store: store, limits: limits)
            return try await layout.run(architecture: architecture, tag: tag)
        case .dockerArchive(let path):
            return try await DockerArchiveImport(path: path, store: store, limits: limits)
                .run(architecture: architecture, tag: tag)
        case .rootfs(let path):
            let unpacker = LayerUnpacker(limits: limits, whiteouts: .refused)
            return try await importRoot(path, unpacker, architecture: architecture, clampTime: clampTime)
        case .lxdImage(let path, let program):
            var unpacker = LayerUnpacker(limits: limits, whiteouts: .refused)
            unpacker.root = [Array("rootfs".utf8)]
            unpacker.dropsDevices = true
            unpacker.program = try program.map { try SafePath.components(Array($0.utf8)) }
            return try await importRoot(path, unpacker, architecture: architecture, clampTime: clampTime)
        }
    }

    /// Unpacks the root and archives it again, so that equal content is an equal layer however it was packed.
    private func importRoot(
        _ path: FilePath, _ unpacker: LayerUnpacker, architecture: String, clampTime: Int64
    ) async throws -> Imported {
        let blob = try await cache.withScratch { folder in
            _ = try await unpacker.unpack(path, into: folder)
            guard try !FileTree.names(in: folder).isEmpty else {
                throw RucheError(.invalidArchive, "\"\(path)\" holds no files")
            }
            let blob = try await LayerArchiver().write(folder: folder, clampTime: clampTime, to: store)
            _ = try await cache.adopt(folder, diffID: blob.digest)
            return blob
        }
        let layer = Descriptor(mediaType: MediaType.layerTar, digest: blob.digest, size: blob.size.bytes)
        var config = ImageConfig(architecture: architecture, rootfs: .init(diffIDs: [blob.digest.description]))
        let manifest = try await ReleaseAssembler(store: store).image(
            layers: [(layer, blob.digest, "import of a root file system")], config: config)
        config.history = [.init(createdBy: "import of a root file system")]
        return (manifest, config, [layer], [blob.digest])
    }
}

/// What every kind of image goes through once its parts are in the store.
struct ImageCheck {
    let store: any ContentStore

    /// Verifies that layers unpack to what the configuration says, and writes our manifest.
    func finish(
        configDigest: Digest, layers: [Descriptor], architecture: String, original: Descriptor? = nil
    ) async throws -> ImageImporter.Imported {
        let config = try await store.document(ImageConfig.self, configDigest)
        guard config.architecture == architecture, config.os == "linux" else {
            throw RucheError(
                .notFound, "the image is for \(config.os)/\(config.architecture), not for linux/\(architecture)")
        }
        let diffIDs = config.rootfs.diff_ids.compactMap { Digest($0) }
        guard diffIDs.count == layers.count, config.rootfs.diff_ids.count == layers.count, !layers.isEmpty else {
            throw RucheError(
                .invalidInput,
                "the image has \(layers.count) layers, and its configuration names \(config.rootfs.diff_ids.count)")
        }
        for (layer, diffID) in zip(layers, diffIDs) { try await verify(layer, diffID) }
        if let original { return (original, config, layers, diffIDs) }
        guard let size = try await store.size(of: configDigest) else {
            throw RucheError(.notFound, "blob \(configDigest) is not in the content store")
        }
        let manifest = try await ReleaseAssembler(store: store).manifest(
            config: Descriptor(mediaType: MediaType.imageConfig, digest: configDigest, size: size.bytes),
            layers: layers, of: config)
        return (manifest, config, layers, diffIDs)
    }

    private func verify(_ layer: Descriptor, _ diffID: Digest) async throws {
        let compressions = try layer.layerCompressions
        var actual = layer.digest
        if compressions != [.none] {
            actual = try await store.withFile(layer.digest) { path in
                let reader = try DecompressingReader(path, compressions: compressions)
                var hasher = StreamHasher()
                while let bytes = try reader.next() {
                    try Task.checkCancellation()
                    hasher.update(bytes)
                }
                return hasher.finish()
            }
        }
        guard actual == diffID else {
            throw RucheError(
                .corruptContent, "layer \(layer.digest) unpacks to \(actual) instead of \(diffID)",
                details: ["expected": diffID.description, "actual": actual.description])
        }
    }
}
