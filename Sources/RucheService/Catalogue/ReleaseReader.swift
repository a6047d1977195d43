import Foundation
import RucheCore
package import RucheImages

/// Reads what the documents of a release say.
package struct ReleaseReader: Sendable {
    private static let documentLimit = 8 << 20

    package let content: any ContentStore

    package init(content: any ContentStore) { self.content = content }

    package func manifest(_ descriptor: Descriptor) async throws -> Manifest {
        try await decode(Manifest.self, descriptor.digest, "manifest")
    }

    package func config(_ manifest: Manifest) async throws -> ImageConfig {
        try await decode(ImageConfig.self, manifest.config.digest, "image configuration")
    }

    /// The blob that holds an artifact's content.
    package func artifacts(of release: Release) async throws -> [ReleaseDetails.Artifact] {
        var artifacts: [ReleaseDetails.Artifact] = []
        for descriptor in release.referrers {
            guard let kind = ArtifactKind(artifactType: descriptor.artifactType) else { continue }
            let layers = try await manifest(descriptor).layers
            guard let blob = layers.first(where: { $0.mediaType == kind.mediaType }) ?? layers.first else { continue }
            artifacts.append(ReleaseDetails.Artifact(kind: kind, blob: blob))
        }
        return artifacts.sorted { $0.kind.rawValue < $1.kind.rawValue }
    }

    /// Each manifest of the index as a variant, with the bytes of its blobs.
    package func variants(of release: Release) async throws -> [ReleaseDetails.Variant] {
        var variants: [ReleaseDetails.Variant] = []
        for descriptor in release.index.manifests {
            let manifest = try await manifest(descriptor)
            var architecture = descriptor.platform?.architecture
            if architecture == nil, manifest.config.mediaType == MediaType.imageConfig {
                architecture = try await config(manifest).architecture
            }
            var variant = ReleaseDetails.Variant(
                format: Self.format(descriptor, manifest), architecture: architecture ?? "amd64",
                digest: descriptor.digest, size: manifest.layers.reduce(manifest.config.size) { $0 + $1.size })
            if let box = BoxVariant(descriptor, manifest: manifest) {
                variant.architecture = box.architecture
                (variant.provider, variant.url) = (box.provider, box.url)
                variant.checksum = box.checksum.map { "\($0.kind.rawValue):\($0.hex)" }
            }
            variants.append(variant)
        }
        return variants
    }

    /// The files of each variant: layers of images, boxes, the two files of an LXD image.
    package func files(of release: Release) async throws -> [ReleaseFile] {
        var files: [ReleaseFile] = []
        for (descriptor, variant) in zip(release.index.manifests, try await variants(of: release)) {
            let manifest = try await manifest(descriptor)
            for (number, layer) in manifest.layers.enumerated() {
                files.append(
                    ReleaseFile(
                        format: variant.format, provider: variant.provider, architecture: variant.architecture,
                        name: layer.annotations?[Annotation.title] ?? "layer-\(number + 1)",
                        mediaType: layer.mediaType, digest: layer.digest, size: layer.size,
                        checksum: variant.checksum))
            }
        }
        return files
    }

    /// Bytes of every blob that the release reaches, each counted once.
    package func size(of release: Release) async throws -> Int64 {
        try await ReleaseContents(of: release, in: content).size.bytes
    }

    package func contents(of release: Release) async throws -> ReleaseContents {
        try await ReleaseContents(of: release, in: content)
    }

    /// The layers of the image for an architecture, or of the first image.
    package func history(of release: Release, architecture: String?) async throws -> [LayerHistory] {
        let images = release.index.manifests.filter {
            $0.artifactType == nil || $0.artifactType == MediaType.imageConfig
        }
        let chosen = architecture.map { wanted in images.first { $0.platform?.architecture == wanted } } ?? images.first
        guard let image = chosen else {
            throw RucheError(
                .notFound, "\(release.name):\(release.version) has no image\(architecture.map { " for \($0)" } ?? "")")
        }
        let manifest = try await manifest(image)
        guard manifest.config.mediaType == MediaType.imageConfig else { return [] }
        var layers = manifest.layers[...]
        let history = try await config(manifest).history ?? []
        guard history.count(where: { $0.empty_layer != true }) == layers.count else {
            return layers.map { LayerHistory(createdBy: "", size: $0.size, digest: $0.digest) }
        }
        return history.map { line in
            let layer = line.empty_layer == true ? nil : layers.popFirst()
            return LayerHistory(
                createdBy: line.created_by ?? line.comment ?? "", size: layer?.size ?? 0, digest: layer?.digest)
        }
    }

    /// The name of a variant's form, as recipes have it.
    static func format(_ descriptor: Descriptor, _ manifest: Manifest) -> String {
        switch descriptor.artifactType ?? manifest.artifactType {
        case MediaType.lxd: "lxd"
        case MediaType.lxdMachine: "lxd-vm"
        case MediaType.disk: descriptor.annotations?[Annotation.diskFormat] ?? "disk"
        case MediaType.ova: "ova"
        case MediaType.box: "box"
        case nil, MediaType.imageConfig: "oci"
        case let type?: type
        }
    }

    private func decode<T: Decodable>(_ type: T.Type, _ digest: Digest, _ what: String) async throws -> T {
        let bytes = try await content.data(digest, limit: Self.documentLimit)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw RucheError(
                .corruptContent, "the \(what) \(digest.short) can't be read: run a verification",
                details: ["digest": digest.description], cause: error)
        }
    }
}
