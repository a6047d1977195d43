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
    /// Where it is a disk: there are no layers then.
    var disk: DiskBase?

    /// What stands for the base in the keys of the steps over it.
    func identity() throws -> Digest {
        let configuration = try CanonicalJSON.text(config)
        let content = disk.map { ["disk", $0.blob.hex] } ?? layers.map(\.diffID.hex)
        return try CanonicalJSON.digest(content + [configuration, String(clampTime)])
    }

    /// What a build tells of its base: all layers together, named by the uppermost.
    func outcome(_ state: StepOutcome.State, seconds: Double = 0) -> StepOutcome {
        StepOutcome(
            state: state, seconds: seconds, size: disk?.size ?? layers.reduce(0) { $0 + $1.blob.size },
            digest: disk?.blob ?? layers.last?.diffID)
    }

    /// What a lock holds it to.
    func isBase(of lock: BuildLock.Base) -> Bool {
        disk?.blob == lock.packer?.disk && layers.map(\.diffID) == lock.layers
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
