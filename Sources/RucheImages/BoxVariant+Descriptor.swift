package import RucheCore

/// A box as an artifact of a release's index, and back.
extension BoxVariant {
    /// Stores the artifact; what the index says of it.
    package func store(with assembler: ReleaseAssembler) async throws -> Descriptor {
        let layers = blob.map {
            [
                Descriptor(
                    mediaType: MediaType.box, digest: $0, size: size ?? 0, annotations: [Annotation.title: fileName])
            ]
        }
        var descriptor = try await assembler.artifact(
            type: MediaType.box, layers: layers ?? [], subject: nil,
            platform: platformArchitecture.map { Descriptor.Platform(architecture: $0) })
        var annotations = [Annotation.boxProvider: provider, Annotation.boxArchitecture: architecture]
        annotations[Annotation.boxDefault] = isDefault ? "true" : nil
        annotations[Annotation.boxURL] = url
        annotations[Annotation.boxChecksum] = checksum.map { "\($0.kind.rawValue):\($0.hex)" }
        annotations[Annotation.boxCreated] = String(createdAt)
        descriptor.annotations = annotations
        return descriptor
    }

    /// Nil for what is no box.
    package init?(_ descriptor: Descriptor, manifest: Manifest) {
        guard (descriptor.artifactType ?? manifest.artifactType) == MediaType.box,
            let provider = descriptor.annotations?[Annotation.boxProvider]
        else { return nil }
        let annotations = descriptor.annotations ?? [:]
        self.init(
            provider: provider, architecture: annotations[Annotation.boxArchitecture] ?? "unknown",
            isDefault: annotations[Annotation.boxDefault] == "true",
            createdAt: annotations[Annotation.boxCreated].flatMap { Int64($0) } ?? 0)
        let file = manifest.layers.first { $0.mediaType == MediaType.box }
        blob = file?.digest
        size = file?.size
        url = annotations[Annotation.boxURL]
        checksum = annotations[Annotation.boxChecksum].flatMap { text in
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            return parts.count == 2 ? FileChecksum(kind: parts[0], hex: parts[1]) : nil
        }
    }

    /// The name a box file is saved under.
    package var fileName: String { "\(provider)-\(architecture).box" }

    /// The name that OCI has for the architecture; nil when it is not known.
    private var platformArchitecture: String? {
        switch architecture {
        case "unknown": nil
        case "i386": "386"
        default: architecture
        }
    }
}
