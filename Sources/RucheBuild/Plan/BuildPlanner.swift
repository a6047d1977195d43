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
        var parent = try base.record?.identity()
        var changed = base.record == nil ? 0 : nil as Int?
        var layers: [BuildPlan.PlannedLayer] = []
        for (offset, step) in recipe.steps.enumerated() {
            let inputs = try StepInputs(step, in: source, recipeFile: request.recipeFile)
            let previous = before.flatMap { offset < $0.steps.count ? $0.steps[offset] : nil }
            var layer = BuildPlan.PlannedLayer(
                step: step, title: StepText.title(step), inputs: inputs, reason: "same as before")
            if let below = parent, changed == nil {
                layer.record = try await record(inputs, below, request)
            }
            if layer.record == nil {
                layer.reason = reason(inputs, previous, parent: parent, changed: changed, request)
            }
            parent = try layer.record.flatMap { record in try parent.map { try Self.identity($0, record) } }
            if layer.record == nil { changed = changed ?? offset + 1 }
            layers.append(layer)
        }
        var plan = BuildPlan(base: base, steps: layers, result: nil, tail: [])
        if let parent { plan.result = try await result(request, source, root: parent) }
        let why =
            request.noCache
            ? "--no-cache"
            : before == nil
                ? "never built" : changed.map { Self.below($0) } ?? "recipe changed, or not finished before"
        plan.tail = tail(recipe, from: layers.count + 1, isReused: plan.result != nil, why)
        return plan
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
