import RucheBuild
import RucheCore
import RucheImages

/// What a job needs of a release: its contract, its form and its image.
struct PipelinePackage: Sendable {
    var contract: PipelineContract
    /// The contract's command line in words.
    var command: [String]
    var environment: [String: String]
    /// Text of form.json; nil when the pipeline has no parameters.
    var form: String?
    var image: ImageConfig
    /// Digest of the image's manifest.
    var imageDigest: Digest
    /// Layers, lowest first, with their diff ids.
    var layers: [(diffID: Digest, blob: Descriptor)]
}

/// Reads a release's documents from the content store.
struct PipelineReader: Sendable {
    private static let architecture: String = {
        #if arch(arm64)
        "arm64"
        #else
        "amd64"
        #endif
    }()

    let content: any ContentStore

    /// Throws `invalid_input` when the release is no pipeline, `unsupported` when it has no image for this machine.
    func package(_ release: Release) async throws -> PipelinePackage {
        let title = "\(release.name):\(release.version)"
        guard let recipe = try ReleaseAnnotation.recipe(of: release) else { throw notPipeline(title) }
        guard let contract = recipe.pipeline else { throw notPipeline(title) }
        guard let command = ShellWords.split(contract.job), command.first?.isEmpty == false else {
            throw RucheError(.corruptContent, "the command of \(title) can't be read: \(contract.job)")
        }
        let (image, digest, layers) = try await image(of: release, title)
        return PipelinePackage(
            contract: contract, command: command, environment: recipe.env,
            form: release.index.annotations?[ReleaseAnnotation.form], image: image, imageDigest: digest,
            layers: layers)
    }

    private func image(
        of release: Release, _ title: String
    ) async throws -> (ImageConfig, Digest, [(diffID: Digest, blob: Descriptor)]) {
        let images = release.index.manifests.filter {
            $0.mediaType == MediaType.imageManifest && $0.artifactType == nil
        }
        let fitting = images.first { $0.platform == nil || $0.platform?.architecture == Self.architecture }
        guard let descriptor = fitting else {
            throw RucheError(
                .unsupported, "\(title) has no OCI image for \(Self.architecture), which this machine is",
                details: ["release": title])
        }
        let layers = try await ImageLayers(store: content).list(descriptor)
        let manifest = try await content.document(Manifest.self, descriptor.digest)
        let config = try await content.document(ImageConfig.self, manifest.config.digest)
        return (config, descriptor.digest, layers.map { ($0.diffID, $0.blob) })
    }

    private func notPipeline(_ title: String) -> RucheError {
        RucheError(
            .invalidInput, "\(title) is no pipeline: its recipe has no \"pipeline:\" section",
            details: ["release": title])
    }
}
