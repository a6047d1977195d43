import RucheCore
package import RucheImages

extension ReleaseReader {
    /// What of a release can be fetched: each variant's files or manifest, then the documents about it.
    package func files(of release: Release) async throws -> [RecordFile] {
        var files: [RecordFile] = []
        for descriptor in release.index.manifests {
            files += try await variantFiles(descriptor)
        }
        for artifact in try await artifacts(of: release) {
            files.append(
                RecordFile(
                    place: .document(artifact.kind),
                    name: artifact.blob.annotations?[Annotation.title] ?? artifact.kind.rawValue, format: "document",
                    mediaType: artifact.blob.mediaType, size: artifact.blob.size, digest: artifact.blob.digest))
        }
        return files
    }

    private func variantFiles(_ descriptor: Descriptor) async throws -> [RecordFile] {
        let manifest = try await manifest(descriptor)
        let architecture = descriptor.platform?.architecture
        if let box = BoxVariant(descriptor, manifest: manifest) {
            let place: RecordFile.Place =
                if box.blob == nil, let url = box.url {
                    .elsewhere(url)
                } else {
                    .box(provider: box.provider, architecture: box.architecture)
                }
            return [
                RecordFile(
                    place: place, name: box.fileName, format: "vagrant/\(box.provider)",
                    architecture: box.architecture, mediaType: MediaType.box, size: box.size, digest: box.blob,
                    checksum: box.checksum)
            ]
        }
        if [nil, MediaType.imageConfig].contains(descriptor.artifactType ?? manifest.artifactType) {
            let size = manifest.layers.reduce(manifest.config.size) { $0 + $1.size }
            return [
                RecordFile(
                    place: .manifest(descriptor.digest), name: "OCI image", format: "oci", architecture: architecture,
                    mediaType: descriptor.mediaType, size: size, digest: descriptor.digest)
            ]
        }
        return manifest.layers.map { layer in
            RecordFile(
                place: .blob(layer.digest),
                name: layer.annotations?[Annotation.title] ?? Self.name(layer),
                format: Self.format(descriptor, manifest), architecture: architecture,
                mediaType: layer.mediaType, size: layer.size, digest: layer.digest)
        }
    }

    private static func name(_ layer: Descriptor) -> String {
        switch layer.mediaType {
        case MediaType.lxdMetadata: "metadata.tar.xz"
        case MediaType.squashfs: "rootfs.squashfs"
        default: layer.digest.short
        }
    }
}
