import Glibc
import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// One build, from its plan to its release.
struct BuildRun {
    let builder: Builder
    let request: BuildRequest
    let journal: BuildJournal

    private var recipe: Recipe { request.recipe }

    /// What a build has done so far.
    private struct Progress {
        var stacks = BuiltStacks()
        var reused = 0
        var built = 0
        /// What the last build was, for the next explanation.
        var entries: [LastBuild.Entry] = []
    }

    func run() async throws -> BuildResult {
        let source = SourceFolder(request.folder)
        let started = builder.now()
        let plan = try await builder.planner.plan(request, source)
        let files = plan.steps.reduce(into: [:]) { $0.merge($1.inputs.files) { $1 } }
        if let lock = request.lock { try LockComparison.checkFiles(files, against: lock) }
        journal.planned(plan.items)
        if let result = plan.result, let base = plan.base.record {
            return try await reuse(result, plan, base)
        }
        guard geteuid() == 0 else {
            throw RucheError(.notPermitted, "building needs root: containers and mounts are made for each step")
        }
        let workspace = try Workspace(in: builder.configuration.work)
        do {
            let run = BuildRun(builder: builder.working(in: workspace), request: request, journal: journal)
            let result = try await run.build(plan, source, workspace, files: files, started: started)
            try workspace.remove()
            return result
        } catch {
            try? workspace.remove()  // the build's error is the one to report; the rest goes at the next start
            throw error
        }
    }

    /// Nothing changed: the release is there already.
    private func reuse(_ result: ResultRecord, _ plan: BuildPlan, _ base: BaseRecord) async throws -> BuildResult {
        if let lock = request.lock { try LockComparison.check(result.lock, against: lock) }
        let layers = plan.steps.compactMap(\.record)
        journal.finished(0, base.outcome(.reused))
        for item in plan.items.dropFirst() {
            let layer = item.index <= layers.count ? layers[item.index - 1] : nil
            journal.finished(
                item.index,
                StepOutcome(state: .reused, seconds: 0, size: layer?.blob.size, digest: layer?.diffID))
        }
        let index = try await builder.store.document(ImageIndex.self, result.release.digest)
        // Publishing the same digest again changes nothing, and is needed when only the name was removed.
        let release = try await publish(result.release.digest, index, result.referrers)
        return BuildResult(release: release, lock: result.lock, reusedSteps: plan.steps.count + 1, builtSteps: 0)
    }

    private func build(
        _ plan: BuildPlan, _ source: SourceFolder, _ workspace: Workspace, files: [String: Digest], started: Int64
    ) async throws -> BuildResult {
        let base = try await base(plan, source, workspace)
        let start = BuiltStacks.Stack(layers: base.layers, identity: try base.identity())
        var progress = Progress()
        if plan.base.record == nil { progress.built = 1 } else { progress.reused = 1 }
        let setting = StepSetting(
            configuration: builder.configuration, runner: builder.runner, sandbox: builder.sandbox,
            layers: builder.layerWriter, workspace: workspace, clampTime: base.clampTime,
            resolvedAt: base.resolvedAt, environment: Self.variables(base.config.Env ?? []), lock: request.lock,
            now: builder.now)
        do {
            progress.stacks[.recipe] = start
            for (offset, layer) in plan.steps.enumerated() {
                var stack = progress.stacks[layer.chain] ?? layer.chain.below.flatMap { progress.stacks[$0] } ?? start
                progress.entries.append(LastBuild.Entry(inputs: layer.inputs, parent: stack.identity))
                let isReused = try await step(layer, offset + 1, &stack, setting, source)
                if isReused { progress.reused += 1 } else { progress.built += 1 }
                progress.stacks[layer.chain] = stack
            }
        } catch {
            try remember(plan, progress.entries)
            throw error
        }
        try remember(plan, progress.entries)
        let finisher = BuildFinisher(
            builder: builder, request: request, journal: journal, setting: setting, base: base, source: source,
            files: files, firstIndex: plan.steps.count + 1, stacks: progress.stacks)
        let finished = try await finisher.finish(
            reused: plan.steps.filter { $0.chain == .recipe }.map { $0.record != nil }, started: started)
        let release = try await publish(finished.release.digest, finished.index, finished.referrers)
        try remember(finished, progress.stacks, source)
        return BuildResult(
            release: release, lock: finished.lock, reusedSteps: progress.reused, builtSteps: progress.built)
    }

    private func base(_ plan: BuildPlan, _ source: SourceFolder, _ workspace: Workspace) async throws -> BaseRecord {
        let start = ContinuousClock.now
        if let record = plan.base.record {
            journal.finished(0, record.outcome(.reused))
            return record
        }
        journal.started(0, plan.base.title)
        let record = try await journal.failing(0, plan.base.title, start) {
            try await builder.bases.resolve(
                plan.base, request, source, in: try workspace.folder("base"), onLine: journal.output(of: 0))
        }
        if let lock = request.lock, !record.isBase(of: lock.base) { throw Self.differs(record, lock.base) }
        journal.finished(0, record.outcome(.built, seconds: start.duration(to: .now).seconds))
        return record
    }

    private static func differs(_ record: BaseRecord, _ lock: BuildLock.Base) -> RucheError {
        if let disk = record.disk {
            return RucheError(
                .conflict,
                "the base \(lock.reference) can't be made as the lock has it: Packer made the disk \(disk.blob.short) instead of \(lock.packer?.disk.short ?? "layers"); no installer makes the same disk twice, so build where that one is kept"
            )
        }
        return RucheError(
            .conflict,
            "the base \(lock.reference) can't be made as the lock has it: \(record.layers.map(\.diffID.short)) instead of \(lock.layers.map(\.short)); the mirror has changed since, name a snapshot in the recipe"
        )
    }

    /// True when the layer was there.
    private func step(
        _ planned: BuildPlan.PlannedLayer, _ index: Int, _ stack: inout BuiltStacks.Stack, _ setting: StepSetting,
        _ source: SourceFolder
    ) async throws -> Bool {
        let key = try builder.planner.key(planned.inputs, stack.identity, request)
        // A layer below may have come out as it was, and then this one is found although the plan could not know.
        if let record = try await builder.planner.record(planned.inputs, stack.identity, request) {
            journal.finished(
                index, StepOutcome(state: .reused, seconds: 0, size: record.blob.size, digest: record.diffID))
            try stack.add(record)
            return true
        }
        let start = ContinuousClock.now
        journal.started(index, planned.title)
        let lower = try await builder.folders(stack.layers)
        let record = try await journal.failing(index, planned.title, start) {
            try await StepRunner(setting: setting).run(
                planned.step, title: planned.title, index: index, over: lower, source: source,
                onLine: journal.output(of: index))
        }
        // The layer is safe already; work of a second is not worth a wait for the disk.
        try builder.planner.steps.write(record, as: key.hex, durable: record.seconds > 1)
        journal.finished(
            index,
            StepOutcome(state: .built, seconds: record.seconds, size: record.blob.size, digest: record.diffID))
        try stack.add(record)
        return false
    }

    /// So that the next build of the same finds its release.
    private func remember(
        _ finished: BuildFinisher.Finished, _ stacks: BuiltStacks, _ source: SourceFolder
    ) throws {
        guard let root = try BuildPlanner.root(of: stacks.identities) else { return }
        try builder.planner.results.write(
            ResultRecord(release: finished.release, referrers: finished.referrers, lock: finished.lock),
            as: try builder.planner.resultKey(request, source, root: root).hex, durable: false)
    }

    private func remember(_ plan: BuildPlan, _ entries: [LastBuild.Entry]) throws {
        let rest = plan.steps.dropFirst(entries.count).map { LastBuild.Entry(inputs: $0.inputs, parent: nil) }
        try builder.planner.last.write(
            LastBuild(base: plan.base.key, steps: entries + rest), as: LastBuild.name(recipe.name),
            durable: false)
    }

    private func publish(_ digest: Digest, _ index: ImageIndex, _ referrers: [Descriptor]) async throws -> Release {
        let release = Release(
            name: recipe.name, version: recipe.version, digest: digest, index: index, referrers: referrers,
            publishedAt: builder.now())
        do { try await builder.releases.publish(release) } catch var error as RucheError where error.code == .immutable
        {
            error.message =
                "\(recipe.name):\(recipe.version) is published with another content: give the recipe a new version"
            throw error
        }
        // As it is kept: an earlier publication has its own time and referrers.
        return try await builder.releases.release(recipe.name, recipe.version) ?? release
    }

    /// `NAME=value` lines of an image.
    static func variables(_ lines: [String]) -> [String: String] {
        lines.reduce(into: [:]) { result, line in
            guard let equals = line.firstIndex(of: "="), equals != line.startIndex else { return }
            result[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
    }
}
