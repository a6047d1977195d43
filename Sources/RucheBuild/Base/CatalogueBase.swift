import RucheCore
import RucheImages

/// A release of the catalogue as the base of another: its layers and its configuration.
struct CatalogueBase: Sendable {
    /// 1980-01-01: the earliest time that zip files, and so Python's wheels, can hold.
    static let earliest: Int64 = 315_532_800

    let store: any ContentStore
    let architecture: String

    func read(_ release: Release) async throws -> BaseRecord {
        let images = release.index.manifests.filter {
            $0.mediaType == MediaType.imageManifest && $0.artifactType == nil
        }
        let found = images.first { $0.platform?.architecture == architecture } ?? images.first { $0.platform == nil }
        guard let image = found else {
            throw RucheError(
                .unsupported, "\(release.name):\(release.version) has no OCI image for \(architecture) to start from")
        }
        let manifest = try await store.document(Manifest.self, image.digest)
        let config = try await store.document(ImageConfig.self, manifest.config.digest)
        return try Self.record(
            layers: manifest.layers, config: config, resolvedAt: release.publishedAt,
            name: "\(release.name):\(release.version)")
    }

    static func record(
        layers: [Descriptor], config: ImageConfig, resolvedAt: Int64, name: String
    ) throws -> BaseRecord {
        let ids = config.rootfs.diff_ids.compactMap { Digest($0) }
        guard !ids.isEmpty, ids.count == layers.count else {
            throw RucheError(.invalidArchive, "\(name) has \(layers.count) layers but \(ids.count) diff ids")
        }
        let lines = (config.history ?? []).filter { $0.empty_layer != true }.map { $0.created_by ?? "" }
        let created = max(config.created.flatMap(SnapshotTime.parse) ?? 0, earliest)
        return BaseRecord(
            layers: zip(ids, layers).enumerated().map { offset, pair in
                let line = offset < lines.count && !lines[offset].isEmpty ? lines[offset] : "from \(name)"
                return LayerRecord(diffID: pair.0, blob: pair.1, createdBy: line, title: line, seconds: 0)
            },
            config: config.config ?? .init(), clampTime: created, resolvedAt: resolvedAt)
    }
}
