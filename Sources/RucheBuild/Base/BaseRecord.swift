import RucheCore
import RucheImages

/// A resolved base: its layers and what an image inherits from it.
struct BaseRecord: Hashable, Sendable, Codable {
    var layers: [LayerRecord]
    /// Of the base's image configuration; empty for a bootstrapped one.
    var config: ImageConfig.Execution = .init()
    /// No time in the layers made over this base is later, seconds since 1970.
    var clampTime: Int64
    /// When it was resolved, seconds since 1970.
    var resolvedAt: Int64
    var mirror: String?
    var snapshot: String?

    /// What stands for the base in the keys of the steps over it.
    func identity() throws -> Digest {
        let configuration = try CanonicalJSON.text(config)
        return try CanonicalJSON.digest(layers.map(\.diffID.hex) + [configuration, String(clampTime)])
    }

    /// What a build tells of its base: all layers together, named by the uppermost.
    func outcome(_ state: StepOutcome.State, seconds: Double = 0) -> StepOutcome {
        StepOutcome(
            state: state, seconds: seconds, size: layers.reduce(0) { $0 + $1.blob.size }, digest: layers.last?.diffID)
    }
}

/// One layer of a build, and what made it.
struct LayerRecord: Hashable, Sendable, Codable {
    var diffID: Digest
    var blob: Descriptor
    /// The line of the image's history.
    var createdBy: String
    var title: String
    var seconds: Double
}
