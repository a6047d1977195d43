import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// Compares a recipe with what the cache holds.
struct BuildPlanner: Sendable {
    let configuration: BuilderConfiguration
    let store: any ContentStore
    let bases: BaseResolver

    var steps: RecordFolder<LayerRecord> { RecordFolder(folder: configuration.cache.appending("steps")) }
    var results: RecordFolder<ResultRecord> { RecordFolder(folder: configuration.cache.appending("results")) }
    var last: RecordFolder<LastBuild> { RecordFolder(folder: configuration.cache.appending("last")) }

    func plan(_ request: BuildRequest, _ source: SourceFolder) async throws -> BuildPlan {
        guard let lock = request.lock else { return try await compare(request, source) }
        // What was built without the lock will do when its own lock is the same.
        var free = request
        free.lock = nil
        let plan = try await compare(free, source)
        return plan.result?.lock == lock ? plan : try await compare(request, source)
    }

    private func compare(_ request: BuildRequest, _ source: SourceFolder) async throws -> BuildPlan {
        let recipe = request.recipe
        guard recipe.architectures.contains(configuration.architecture) else {
            throw RucheError(
                .unsupported,
                "the recipe is for \(recipe.architectures.joined(separator: ", ")), and this machine builds \(configuration.architecture)"
            )
        }
        let before = last.read(LastBuild.name(recipe.name))
        let base = try await bases.plan(request, source, last: before?.base)
        let start = Chain(parent: try base.record?.identity(), changed: base.record == nil ? 0 : nil)
        var ends: [LayerChain: Chain] = [:]
        var layers: [BuildPlan.PlannedLayer] = []
        let maker = MachineSteps(recipe: recipe, architecture: configuration.architecture)
        for name in recipe.from.isDisk ? [.recipe] : LayerChain.needed(for: recipe.variants) {
            var chain = name.below.flatMap { ends[$0] } ?? start
            for step in try maker.steps(of: name) {
                let previous = before.flatMap { layers.count < $0.steps.count ? $0.steps[layers.count] : nil }
                let inputs = try StepInputs(step.step, in: source, recipeFile: request.recipeFile)
                var layer = BuildPlan.PlannedLayer(
                    chain: name, step: step.step, title: step.title, inputs: inputs, reason: "same as before")
                try await look(for: &layer, in: &chain, previous, request)
                layers.append(layer)
                if layer.record == nil { chain.changed = chain.changed ?? layers.count }
            }
            ends[name] = chain
        }
        let changed = ends.values.compactMap(\.changed).min()
        var plan = BuildPlan(base: base, steps: layers, result: nil, tail: [])
        if let root = try Self.root(of: ends.mapValues(\.parent)) {
            plan.result = try await result(request, source, root: root)
        }
        let why =
            request.noCache
            ? "--no-cache"
            : before == nil
                ? "never built" : changed.map { Self.below($0) } ?? "recipe changed, or not finished before"
        plan.tail = tail(recipe, from: layers.count + 1, isReused: plan.result != nil, why)
        return plan
    }

    /// A chain of layers while it is compared.
    private struct Chain {
        /// Identity of what is there so far; nil once a layer is missing.
        var parent: Digest?
        /// The first step that is to be done.
        var changed: Int?
    }

    /// Finds the layer of a step when everything below it is there, and says why not otherwise.
    private func look(
        for layer: inout BuildPlan.PlannedLayer, in chain: inout Chain, _ previous: LastBuild.Entry?,
        _ request: BuildRequest
    ) async throws {
        if let below = chain.parent, chain.changed == nil {
            layer.record = try await record(layer.inputs, below, request)
        }
        if layer.record == nil {
            layer.reason = reason(layer.inputs, previous, parent: chain.parent, changed: chain.changed, request)
        }
        chain.parent = try layer.record.flatMap { record in
            try chain.parent.map { try Self.identity($0, record) }
        }
    }

    /// What stands for the ends of all chains; nil when one is not known.
    static func root(of ends: [LayerChain: Digest?]) throws -> Digest? {
        let known = ends.compactMapValues(\.self)
        guard known.count == ends.count, let recipe = known[.recipe] else { return nil }
        if known.count == 1 { return recipe }
        return try CanonicalJSON.digest(known.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value.hex))
    }

    /// Identity of a stack of layers with one more on top.
    static func identity(_ parent: Digest, _ layer: LayerRecord) throws -> Digest {
        try CanonicalJSON.digest([parent.hex, layer.diffID.hex])
    }

    /// The cached layer of a step over `parent`; nil when it is not there, its blob has gone, or all are unwanted.
    func record(_ inputs: StepInputs, _ parent: Digest, _ request: BuildRequest) async throws -> LayerRecord? {
        guard !request.noCache, let record = steps.read(try key(inputs, parent, request).hex),
            try await store.size(of: record.blob.digest) != nil
        else { return nil }
        return record
    }

    func key(_ inputs: StepInputs, _ parent: Digest, _ request: BuildRequest) throws -> Digest {
        let pins = try request.lock.map { lock in
            try CanonicalJSON.digest([try CanonicalJSON.text(lock.apt), try CanonicalJSON.text(lock.pip)])
        }
        return try inputs.key(parent: parent, architecture: configuration.architecture, pins: pins)
    }

    /// The name of the finished release that these layers and this recipe make.
    func resultKey(_ request: BuildRequest, _ source: SourceFolder, root: Digest) throws -> Digest {
        let files = try source.tree(".", modes: true).map { "\($0.key)\u{0}\($0.value.hex)" }.sorted()
        return try CanonicalJSON.digest(
            ["ruche result 1", root.hex, try CanonicalJSON.text(request.recipe), request.recipeFile] + files)
    }

    private func result(_ request: BuildRequest, _ source: SourceFolder, root: Digest) async throws -> ResultRecord? {
        guard !request.noCache, let record = results.read(try resultKey(request, source, root: root).hex) else {
            return nil
        }
        for blob in [record.release] + record.referrers where try await store.size(of: blob.digest) == nil {
            return nil
        }
        return record
    }

    private func reason(
        _ inputs: StepInputs, _ previous: LastBuild.Entry?, parent: Digest?, changed: Int?, _ request: BuildRequest
    ) -> String {
        if request.noCache { return "--no-cache" }
        guard let previous else { return "never built" }
        if let change = inputs.change(since: previous.inputs) { return change }
        if let changed { return Self.below(changed) }
        guard let before = previous.parent else { return "never built" }
        if before != parent { return "base or an earlier step changed" }
        return request.lock == nil ? "not finished before, or removed from the cache" : "versions of the lock"
    }

    private static func below(_ changed: Int) -> String {
        changed == 0 ? "base changed" : "parent layer changed (step \(changed))"
    }

    /// What comes after the layers: tests, variants, the release itself.
    private func tail(_ recipe: Recipe, from start: Int, isReused: Bool, _ why: String) -> [PlannedStep] {
        var titles: [(String, String)] = []
        if !recipe.tests.isEmpty {
            titles.append(("tests", recipe.tests.count == 1 ? "1 test" : "\(recipe.tests.count) tests"))
        }
        titles += recipe.variants.map { ("variant", "variant \($0.rawValue)") }
        titles.append(("record", "release \(recipe.name):\(recipe.version)"))
        return titles.enumerated().map { offset, item in
            PlannedStep(
                index: start + offset, kind: item.0, title: item.1, reused: isReused,
                reason: isReused ? "same as before" : why)
        }
    }
}
