package import RucheCore

/// Writes the documents of a release to the store. Equal input gives equal digests: nothing here has a time.
package struct ReleaseAssembler: Sendable {
    /// A layer of an image, lowest first in lists.
    package typealias Layer = (blob: Descriptor, diffID: Digest, createdBy: String)
    /// A file of an artifact.
    package typealias File = (bytes: [UInt8], mediaType: String, title: String)

    private let store: any ContentStore
    private let batch: BlobBatch?

    /// With a `batch` documents are kept in it, and are in the store once it was written.
    package init(store: any ContentStore, batch: BlobBatch? = nil) {
        self.store = store
        self.batch = batch
    }

    /// An OCI image. `config` gets the layers' diff ids and history; its `created`, if any, is each layer's.
    /// The descriptor names the platform.
    package func image(layers: [Layer], config: ImageConfig) async throws -> Descriptor {
        var config = config
        config.rootfs = ImageConfig.RootFS(diffIDs: layers.map(\.diffID.description))
        config.history = layers.map { ImageConfig.History(created: config.created, createdBy: $0.createdBy) }
        let blob = try await put(try CanonicalJSON.encode(config))
        return try await manifest(
            config: Descriptor(mediaType: MediaType.imageConfig, digest: blob.digest, size: blob.size.bytes),
            layers: layers.map(\.blob), of: config)
    }

    /// The manifest of an image whose configuration is stored already.
    func manifest(config: Descriptor, layers: [Descriptor], of values: ImageConfig) async throws -> Descriptor {
        let plain = layers.map { Descriptor(mediaType: $0.mediaType, digest: $0.digest, size: $0.size) }
        let stored = try await put(try CanonicalJSON.encode(Manifest(config: config, layers: plain)))
        return Descriptor(
            mediaType: MediaType.imageManifest, digest: stored.digest, size: stored.size.bytes,
            platform: Descriptor.Platform(architecture: values.architecture, os: values.os))
    }

    /// An OCI artifact of small files. `subject` is the release's index for lock, SBOM, log, recipe, provenance.
    package func artifact(type: String, payload: [File], subject: Descriptor?) async throws -> Descriptor {
        var layers: [Descriptor] = []
        for file in payload {
            let blob = try await put(file.bytes)
            layers.append(
                Descriptor(
                    mediaType: file.mediaType, digest: blob.digest, size: blob.size.bytes,
                    annotations: [Annotation.title: file.title]))
        }
        return try await artifact(type: type, layers: layers, subject: subject)
    }

    /// An OCI artifact of blobs that are stored already.
    package func artifact(
        type: String, layers: [Descriptor], subject: Descriptor?, platform: Descriptor.Platform? = nil
    ) async throws -> Descriptor {
        let empty = try await put(Array("{}".utf8))
        var manifest = Manifest(
            config: Descriptor(mediaType: MediaType.emptyJSON, digest: empty.digest, size: empty.size.bytes),
            layers: layers)
        manifest.artifactType = type
        manifest.subject = subject.map { Descriptor(mediaType: $0.mediaType, digest: $0.digest, size: $0.size) }
        let stored = try await put(try CanonicalJSON.encode(manifest))
        return Descriptor(
            mediaType: MediaType.imageManifest, digest: stored.digest, size: stored.size.bytes, artifactType: type,
            platform: platform)
    }

    /// The index of a release: its variants, and annotations with its name and version. `annotations` adds more,
    /// such as `org.opencontainers.image.description`, and never a time.
    package func index(
        name: EnvironmentName, version: ReleaseVersion, manifests: [Descriptor], annotations: [String: String] = [:]
    ) async throws -> (descriptor: Descriptor, index: ImageIndex) {
        var index = ImageIndex(manifests: manifests)
        index.annotations = annotations.merging([
            Annotation.imageTitle: name.description, Annotation.imageVersion: version.description,
            Annotation.name: name.description, Annotation.version: version.description,
        ]) { _, fixed in fixed }
        let stored = try await put(try CanonicalJSON.encode(index))
        let descriptor = Descriptor(
            mediaType: MediaType.imageIndex, digest: stored.digest, size: stored.size.bytes)
        return (descriptor, index)
    }

    private func put(_ bytes: [UInt8]) async throws -> StoredBlob {
        if let batch { return batch.add(bytes) }
        return try await store.put(bytes)
    }
}
