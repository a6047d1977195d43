import RucheCore

/// The layers that a build has, by chain.
struct BuiltStacks {
    /// Layers, lowest first, and what stands for them in keys.
    struct Stack {
        var layers: [LayerRecord]
        var identity: Digest

        mutating func add(_ record: LayerRecord) throws {
            layers.append(record)
            identity = try BuildPlanner.identity(identity, record)
        }
    }

    private var stacks: [LayerChain: Stack] = [:]

    subscript(chain: LayerChain) -> Stack? {
        get { stacks[chain] }
        set { stacks[chain] = newValue }
    }

    var identities: [LayerChain: Digest?] { stacks.mapValues(\.identity) }

    /// What containers are made of.
    var containerLayers: [LayerRecord] { stacks[.recipe]?.layers ?? [] }

    /// The layers with the most in them: what the lock and the list of software speak of.
    var fullest: [LayerRecord] { (stacks[.vagrant] ?? stacks[.machine] ?? stacks[.recipe])?.layers ?? [] }
}
