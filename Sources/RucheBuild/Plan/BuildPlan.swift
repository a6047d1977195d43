import RucheCore
import RucheHost
import RucheImages

/// What a build will do, as far as it can be known before it starts.
struct BuildPlan: Sendable {
    struct PlannedLayer: Sendable {
        var chain: LayerChain
        var step: Step
        var title: String
        var inputs: StepInputs
        /// The cached layer, when everything below it is cached too.
        var record: LayerRecord?
        var reason: String
    }

    struct PlannedBase: Sendable {
        var title: String
        /// The name of its record, and what it is compared with the next time.
        var key: String
        var record: BaseRecord?
        var reason: String
        var debian: DebianSources?
        var packer: PackerSource?
    }

    var base: PlannedBase
    var steps: [PlannedLayer]
    /// The finished release, when nothing at all changed.
    var result: ResultRecord?
    var tail: [PlannedStep]

    var items: [PlannedStep] {
        let first = PlannedStep(
            index: 0, kind: "base", title: base.title, reused: base.record != nil, reason: base.reason)
        let middle = steps.enumerated().map { offset, layer in
            PlannedStep(
                index: offset + 1, kind: layer.step.kind, title: layer.title, reused: layer.record != nil,
                reason: layer.reason)
        }
        return [first] + middle + tail
    }
}
