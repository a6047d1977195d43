import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// What follows the layers of a build: tests, the lock, variants, the release's documents.
struct BuildFinisher {
    let builder: Builder
    let request: BuildRequest
    let journal: BuildJournal
    let setting: StepSetting
    let base: BaseRecord
    let source: SourceFolder
    let files: [String: Digest]
    /// Index of the first step after the layers.
    let firstIndex: Int
    let stacks: BuiltStacks

    struct Finished {
        var release: Descriptor
        var index: ImageIndex
        var referrers: [Descriptor]
        var lock: BuildLock
    }

    /// What is known of the finished root.
    struct Contents {
        var lock: BuildLock
        var packages: InstalledPackages
        /// The tar of the recipe's folder.
        var recipeFolder: Descriptor
        var tools: [String: String]
    }

    private var recipe: Recipe { request.recipe }
    private var recordIndex: Int { firstIndex + (recipe.tests.isEmpty ? 0 : 1) + recipe.variants.count }

    /// `reused` says of every step of the recipe whether its layer was there.
    func finish(reused: [Bool], started: Int64) async throws -> Finished {
        let layers = stacks.containerLayers
        let stack = try await builder.stack(layers)
        let contents: Contents
        if let disk = base.disk {
            contents = try await self.contents(of: disk)
        } else {
            contents = try await mounted(stack, as: "finished") { try await inspect($0, stack) }
        }
        let batch = BlobBatch()
        let assembler = ReleaseAssembler(store: builder.store, batch: batch)
        let manifests = try await variants(assembler)
        let recordStart = ContinuousClock.now
        journal.started(recordIndex, "record")
        let (descriptor, index) = try await assembler.index(
            name: recipe.name, version: recipe.version, manifests: manifests, annotations: try annotations())
        let documents = ReleaseDocuments(finisher: self, assembler: assembler, subject: descriptor)
        var referrers = try await documents.write(contents, layers: layers, reused: reused, started: started)
        if let disk = base.disk { referrers += try await original(of: disk, assembler, subject: descriptor) }
        try await batch.write(to: builder.store)
        journal.finished(
            recordIndex,
            StepOutcome(state: .built, seconds: recordStart.duration(to: .now).seconds, digest: descriptor.digest))
        return Finished(release: descriptor, index: index, referrers: referrers, lock: contents.lock)
    }

    private func mounted<Result>(
        _ stack: [PythonPackages.Layer], as name: String, _ body: (FilePath) async throws -> Result
    ) async throws -> Result {
        let root = try setting.workspace.folder(name)
        try OverlayMount.mountReadOnly(lower: stack.map(\.folder), at: root)
        do {
            let result = try await body(root)
            try OverlayMount.unmount(root)
            return result
        } catch {
            try? OverlayMount.unmount(root)  // the first error is the one to report
            throw error
        }
    }

    /// Tests the finished root, and reads meanwhile what is in it.
    private func inspect(_ root: FilePath, _ stack: [PythonPackages.Layer]) async throws -> Contents {
        // A user that the image does not know would only show when the first job starts.
        let account = try ImageAccount.resolve(recipe.user ?? base.config.User, in: root)
        let directory = recipe.workdir ?? base.config.WorkingDir ?? ""
        let tests = RecipeTests(
            recipe: recipe, setting: setting, journal: journal, index: firstIndex, account: account,
            workingDirectory: directory.isEmpty ? "/" : directory, layers: stack, isForced: request.noCache)
        let hasTests = !recipe.tests.isEmpty
        async let tested: Void = hasTests ? tests.run() : ()
        let packages = try await packages(root, stack)
        let lock = makeLock(packages)
        if let wanted = request.lock { try LockComparison.check(lock, against: wanted) }
        let recipeFolder = try await ReleaseDocuments.recipeFolder(
            request.folder, clampTime: setting.clampTime, in: builder.store)
        let tools = await ToolVersions(cache: builder.configuration.cache, runner: builder.runner).read(usedTools)
        try await tested
        return Contents(lock: lock, packages: packages, recipeFolder: recipeFolder, tools: tools)
    }

    /// What is in the fullest root of the release: a machine has more than a container.
    private func packages(_ root: FilePath, _ stack: [PythonPackages.Layer]) async throws -> InstalledPackages {
        let cache = builder.configuration.cache
        guard stacks.fullest.count > stack.count else {
            return try InstalledPackages(root: root, layers: stack, cache: cache)
        }
        let machine = try await builder.stack(stacks[.machine]?.layers ?? [])
        try await mounted(machine, as: "machine") { try MachineInspection(root: $0, recipe: recipe).check() }
        let full = try await builder.stack(stacks.fullest)
        return try await mounted(full, as: "fullest") {
            try InstalledPackages(root: $0, layers: full, cache: cache)
        }
    }

    private var usedTools: [Tool] {
        var used = [Tool.runc]
        if case .debian = recipe.from { used.append(.mmdebstrap) }
        if recipe.variants.contains(.lxd) { used.append(.mksquashfs) }
        if recipe.variants.contains(where: \.isMachine) { used += [.mke2fs, .qemuImage] }
        if recipe.steps.contains(where: { $0.kind == "ansible" }) { used.append(.ansiblePlaybook) }
        return used
    }

    func makeLock(_ packages: InstalledPackages) -> BuildLock {
        BuildLock(
            architecture: builder.configuration.architecture,
            base: BuildLock.Base(
                reference: recipe.from.description, layers: base.layers.map(\.diffID), mirror: base.mirror,
                snapshot: base.snapshot, packer: base.disk?.made),
            apt: packages.aptVersions, pip: packages.pipVersions, files: files)
    }

    private func variants(_ assembler: ReleaseAssembler) async throws -> [Descriptor] {
        let maker = VariantMaker(
            builder: builder, request: request, setting: setting, base: base, stacks: stacks, assembler: assembler)
        var manifests: [Descriptor] = []
        for (offset, variant) in recipe.variants.enumerated() {
            let index = firstIndex + (recipe.tests.isEmpty ? 0 : 1) + offset
            let start = ContinuousClock.now
            let title = "variant \(variant.rawValue)"
            journal.started(index, title)
            let made = try await journal.failing(index, title, start) { try await maker.make(variant) }
            manifests.append(made.manifest)
            journal.finished(
                index,
                StepOutcome(
                    state: made.isNew ? .built : .reused, seconds: start.duration(to: .now).seconds,
                    size: made.size, digest: made.manifest.digest))
        }
        return manifests
    }

    /// The recipe as it was checked, and the words that OCI has for parts of it.
    private func annotations() throws -> [String: String] {
        var result = [ReleaseAnnotation.recipe: try CanonicalJSON.text(recipe)]
        result[Annotation.imageDescription] = recipe.summary ?? base.disk?.system
        result[Annotation.imageLicenses] = recipe.license
        if !recipe.authors.isEmpty {
            result[Annotation.imageAuthors] = recipe.authors.map(\.name).joined(separator: ", ")
        }
        if let form = recipe.pipeline?.form {
            let bytes = try AtomicFile.read(try source.locate(form), limit: ReleaseAnnotation.formLimit)
            result[ReleaseAnnotation.form] = String(decoding: bytes, as: UTF8.self)
        }
        return result
    }
}
