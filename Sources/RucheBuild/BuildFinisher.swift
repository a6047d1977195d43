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

    /// `layers` is lowest first; `reused` says of every step whether its layer was there.
    func finish(layers: [LayerRecord], reused: [Bool], started: Int64) async throws -> Finished {
        let stack = try await builder.stack(layers)
        let root = try setting.workspace.folder("finished")
        try OverlayMount.mountReadOnly(lower: stack.map(\.folder), at: root)
        let contents: Contents
        do {
            contents = try await inspect(root, stack)
        } catch {
            try? OverlayMount.unmount(root)  // the first error is the one to report
            throw error
        }
        try OverlayMount.unmount(root)
        let batch = BlobBatch()
        let assembler = ReleaseAssembler(store: builder.store, batch: batch)
        let manifests = try await variants(layers, stack.map(\.folder), assembler)
        let recordStart = ContinuousClock.now
        journal.started(recordIndex, "record")
        let (descriptor, index) = try await assembler.index(
            name: recipe.name, version: recipe.version, manifests: manifests, annotations: try annotations())
        let documents = ReleaseDocuments(finisher: self, assembler: assembler, subject: descriptor)
        let referrers = try await documents.write(contents, layers: layers, reused: reused, started: started)
        try await batch.write(to: builder.store)
        journal.finished(
            recordIndex,
            StepOutcome(state: .built, seconds: recordStart.duration(to: .now).seconds, digest: descriptor.digest))
        return Finished(release: descriptor, index: index, referrers: referrers, lock: contents.lock)
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
        let packages = try InstalledPackages(root: root, layers: stack, cache: builder.configuration.cache)
        let lock = makeLock(packages)
        if let wanted = request.lock { try LockComparison.check(lock, against: wanted) }
        let recipeFolder = try await ReleaseDocuments.recipeFolder(
            request.folder, clampTime: setting.clampTime, in: builder.store)
        let tools = await ToolVersions(cache: builder.configuration.cache, runner: builder.runner).read(usedTools)
        try await tested
        return Contents(lock: lock, packages: packages, recipeFolder: recipeFolder, tools: tools)
    }

    private var usedTools: [Tool] {
        var used = [Tool.runc]
        if case .debian = recipe.from { used.append(.mmdebstrap) }
        if recipe.variants.contains(.lxd) { used.append(.mksquashfs) }
        if recipe.steps.contains(where: { $0.kind == "ansible" }) { used.append(.ansiblePlaybook) }
        return used
    }

    private func makeLock(_ packages: InstalledPackages) -> BuildLock {
        BuildLock(
            architecture: builder.configuration.architecture,
            base: BuildLock.Base(
                reference: recipe.from.description, layers: base.layers.map(\.diffID), mirror: base.mirror,
                snapshot: base.snapshot),
            apt: packages.aptVersions, pip: packages.pipVersions, files: files)
    }

    // MARK: Variants

    private func imageConfig() throws -> ImageConfig {
        var config = ImageConfig(
            architecture: builder.configuration.architecture, rootfs: ImageConfig.RootFS(diffIDs: []))
        config.created = SnapshotTime.rfc3339(setting.clampTime)
        var execution = base.config
        let environment = ["PATH": Tool.searchPath].merging(setting.environment) { $1 }.merging(recipe.env) { $1 }
        execution.Env = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        execution.User = recipe.user ?? base.config.User
        execution.WorkingDir = recipe.workdir ?? base.config.WorkingDir
        if !recipe.labels.isEmpty { execution.Labels = (base.config.Labels ?? [:]).merging(recipe.labels) { $1 } }
        if let service = recipe.service {
            let ports = service.ports.map { ("\($0)/tcp", ImageConfig.Empty()) }
            execution.ExposedPorts = (base.config.ExposedPorts ?? [:]).merging(ports) { $1 }
        }
        config.config = execution
        return config
    }

    private func variants(
        _ layers: [LayerRecord], _ folders: [FilePath], _ assembler: ReleaseAssembler
    ) async throws -> [Descriptor] {
        var manifests: [Descriptor] = []
        for (offset, variant) in recipe.variants.enumerated() {
            let index = firstIndex + (recipe.tests.isEmpty ? 0 : 1) + offset
            let start = ContinuousClock.now
            journal.started(index, "variant \(variant.rawValue)")
            let made = try await make(variant, layers, folders, assembler)
            manifests.append(made.manifest)
            journal.finished(
                index,
                StepOutcome(
                    state: made.isNew ? .built : .reused, seconds: start.duration(to: .now).seconds,
                    size: made.size, digest: made.manifest.digest))
        }
        return manifests
    }

    /// A variant, the bytes of its content, and whether it had to be made.
    private typealias Made = (manifest: Descriptor, size: Int64, isNew: Bool)

    private func make(
        _ variant: VariantFormat, _ layers: [LayerRecord], _ folders: [FilePath], _ assembler: ReleaseAssembler
    ) async throws -> Made {
        switch variant {
        case .oci:
            let stack = layers.map { ($0.blob, $0.diffID, $0.createdBy) }
            let manifest = try await assembler.image(layers: stack, config: try imageConfig())
            return (manifest, layers.reduce(0) { $0 + $1.blob.size }, true)
        case .lxd:
            // Squashing a root takes seconds, so it is done once for each root.
            let metadata = LXDMetadata(
                architecture: builder.configuration.architecture, os: "linux", release: recipe.version.description,
                description: recipe.summary ?? recipe.name.description, name: "\(recipe.name):\(recipe.version)",
                serial: SnapshotTime.serial(setting.clampTime))
            let key = try CanonicalJSON.digest(
                ["ruche lxd 1", String(setting.clampTime), metadata.description, metadata.name, metadata.serial]
                    + layers.map(\.diffID.hex)
            ).hex
            let records = RecordFolder<Descriptor>(folder: builder.configuration.cache.appending("variants"))
            if !request.noCache, let known = records.read(key), let size = try await wholeSize(known) {
                return (known, size, false)
            }
            let maker = LXDVariant(
                store: builder.store, runner: builder.runner, scratch: try setting.workspace.folder("lxd"))
            let made = try await maker.make(
                folders: folders.reversed(), metadata: metadata, clampTime: setting.clampTime)
            try records.write(made, as: key)
            return (made, try await wholeSize(made) ?? 0, true)
        default:
            throw RucheError(.unsupported, "the variant \(variant.rawValue) can't be made yet")
        }
    }

    /// Bytes of the blobs of a variant; nil when one is missing.
    private func wholeSize(_ descriptor: Descriptor) async throws -> Int64? {
        guard try await builder.store.size(of: descriptor.digest) != nil else { return nil }
        let manifest = try await builder.store.document(Manifest.self, descriptor.digest)
        for blob in [manifest.config] + manifest.layers where try await builder.store.size(of: blob.digest) == nil {
            return nil
        }
        return manifest.layers.reduce(0) { $0 + $1.size }
    }

    /// The recipe as it was checked, and the words that OCI has for parts of it.
    private func annotations() throws -> [String: String] {
        var result = [ReleaseAnnotation.recipe: try CanonicalJSON.text(recipe)]
        result[Annotation.imageDescription] = recipe.summary
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
