import RucheCore
import RucheImages

/// Finds the container image of a release for one kind of machine.
struct ReleaseImageReader: Sendable {
    struct Found: Sendable {
        var config: ImageConfig
        var digest: Digest
        var layers: [ReleaseImage.Layer]
    }

    /// What this program was made for, in the words of OCI.
    static let thisArchitecture: String = {
        #if arch(arm64)
        "arm64"
        #else
        "amd64"
        #endif
    }()

    let content: any ContentStore
    var architecture = Self.thisArchitecture

    /// Nil when the release has none.
    func find(_ release: Release) async throws -> Found? {
        let images = release.index.manifests.filter {
            $0.mediaType == MediaType.imageManifest && $0.artifactType == nil
        }
        let fitting = images.first { $0.platform == nil || $0.platform?.architecture == architecture }
        guard let descriptor = fitting else { return nil }
        let layers = try await ImageLayers(store: content).list(descriptor)
        let manifest = try await content.document(Manifest.self, descriptor.digest)
        return Found(
            config: try await content.document(ImageConfig.self, manifest.config.digest), digest: descriptor.digest,
            layers: layers.map { ReleaseImage.Layer(diffID: $0.diffID, blob: $0.blob) })
    }
}
