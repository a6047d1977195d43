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
    /// Lowest first.
    var layers: [ReleaseImage.Layer]
}

/// Reads a release's documents from the content store.
struct PipelineReader: Sendable {
    let content: any ContentStore

    /// Throws `invalid_input` when the release is no pipeline, `unsupported` when it has no image for this machine.
    func package(_ release: Release) async throws -> PipelinePackage {
        let title = "\(release.name):\(release.version)"
        guard let recipe = try ReleaseAnnotation.recipe(of: release) else { throw notPipeline(title) }
        guard let contract = recipe.pipeline else { throw notPipeline(title) }
        guard let command = ShellWords.split(contract.job), command.first?.isEmpty == false else {
            throw RucheError(.corruptContent, "the command of \(title) can't be read: \(contract.job)")
        }
        guard let image = try await ReleaseImageReader(content: content).find(release) else {
            throw RucheError(
                .unsupported,
                "\(title) has no OCI image for \(ReleaseImageReader.thisArchitecture), which this machine is",
                details: ["release": title])
        }
        return PipelinePackage(
            contract: contract, command: command, environment: recipe.env,
            form: release.index.annotations?[ReleaseAnnotation.form], image: image.config, imageDigest: image.digest,
            layers: image.layers)
    }

    private func notPipeline(_ title: String) -> RucheError {
        RucheError(
            .invalidInput, "\(title) is no pipeline: its recipe has no \"pipeline:\" section",
            details: ["release": title])
    }
}
