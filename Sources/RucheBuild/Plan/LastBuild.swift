import RucheCore

/// What the last build of an environment was made from: what `--explain` compares with.
struct LastBuild: Sendable, Codable {
    struct Entry: Sendable, Codable {
        var inputs: StepInputs
        /// Identity of the layers below; nil when the build did not get there.
        var parent: Digest?
    }

    var base: String
    var steps: [Entry]

    static func name(_ name: EnvironmentName) -> String { "\(name.owner)_\(name.name)" }
}
