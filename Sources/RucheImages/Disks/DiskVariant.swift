package import RucheCore

/// A disk of a release: an artifact whose one layer is the image file.
package struct DiskVariant: Hashable, Sendable {
    package var format: DiskFormat
    /// In the words of OCI: `amd64`, `arm64`, …
    package var architecture: String
    /// The image file.
    package var blob: Digest
    /// Bytes of the image file.
    package var size: Int64
    /// Bytes of the disk as a guest sees it.
    package var capacity: Int64

    package init(format: DiskFormat, architecture: String, blob: Digest, size: Int64, capacity: Int64) {
        self.format = format
        self.architecture = architecture
        self.blob = blob
        self.size = size
        self.capacity = capacity
    }

    /// Nil for what is no disk.
    package init?(_ descriptor: Descriptor, manifest: Manifest) {
        guard (descriptor.artifactType ?? manifest.artifactType) == MediaType.disk,
            let format = descriptor.annotations?[Annotation.diskFormat].flatMap(DiskFormat.init(rawValue:)),
            let file = manifest.layers.first
        else { return nil }
        self.init(
            format: format, architecture: descriptor.platform?.architecture ?? "unknown", blob: file.digest,
            size: file.size, capacity: descriptor.annotations?[Annotation.diskCapacity].flatMap { Int64($0) } ?? 0)
    }

    /// Stores the artifact; what the index says of it.
    package func store(with assembler: ReleaseAssembler) async throws -> Descriptor {
        let file = Descriptor(
            mediaType: MediaType.diskFile, digest: blob, size: size, annotations: [Annotation.title: fileName])
        var descriptor = try await assembler.artifact(
            type: MediaType.disk, layers: [file], subject: nil,
            platform: Descriptor.Platform(architecture: architecture))
        descriptor.annotations = [
            Annotation.diskFormat: format.rawValue, Annotation.diskCapacity: String(capacity),
        ]
        return descriptor
    }

    /// The name the file is saved under.
    package var fileName: String { "\(architecture).\(format.rawValue)" }
}

extension Release {
    /// The disks for an architecture, in the order of the release.
    package func disks(architecture: String, in store: any ContentStore) async throws -> [DiskVariant] {
        var disks: [DiskVariant] = []
        for descriptor in index.manifests where descriptor.artifactType == MediaType.disk {
            let manifest = try await store.document(Manifest.self, descriptor.digest)
            if let disk = DiskVariant(descriptor, manifest: manifest), disk.architecture == architecture {
                disks.append(disk)
            }
        }
        return disks
    }
}
