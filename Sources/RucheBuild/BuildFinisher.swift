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

    private var recipe: Recipe { request.recipe }
    private var recordIndex: Int { firstIndex + (recipe.tests.isEmpty ? 0 : 1) + recipe.variants.count }

    /// `layers` is lowest first; `reused` says of every step whether its layer was there.
    func finish(layers: [LayerRecord], reused: [Bool], started: Int64) async throws -> Finished {
        let folders = try await builder.folders(layers)
        let root = try setting.workspace.folder("finished")
        try OverlayMount.mountReadOnly(lower: folders, at: root)
        let lock: BuildLock
        let packages: InstalledPackages
        do {
            packages = try InstalledPackages(root: root)
            lock = makeLock(packages)
            if let wanted = request.lock { try LockComparison.check(lock, against: wanted) }
            // A user that the image does not know would only show when the first job starts.
            _ = try ImageAccount.resolve(recipe.user ?? base.config.User, in: root)
            if !recipe.tests.isEmpty { try await test(folders, root) }
        } catch {
            try? OverlayMount.unmount(root)  // the first error is the one to report
            throw error
        }
        try OverlayMount.unmount(root)
        let config = try imageConfig()
        let manifests = try await variants(layers, folders, config)
        let recordStart = ContinuousClock.now
        journal.started(recordIndex, "record")
        let annotations = try annotations()
        let assembler = ReleaseAssembler(store: builder.store)
        let (descriptor, index) = try await assembler.index(
            name: recipe.name, version: recipe.version, manifests: manifests, annotations: annotations)
        let documents = ReleaseDocuments(finisher: self, assembler: assembler, subject: descriptor)
        let referrers = try await documents.write(
            lock: lock, packages: packages, layers: layers, reused: reused, started: started)
        journal.finished(
            recordIndex,
            StepOutcome(state: .built, seconds: recordStart.duration(to: .now).seconds, digest: descriptor.digest))
        return Finished(release: descriptor, index: index, referrers: referrers, lock: lock)
    }

    private func makeLock(_ packages: InstalledPackages) -> BuildLock {
        BuildLock(
            architecture: builder.configuration.architecture,
            base: BuildLock.Base(
                reference: recipe.from.description, layers: base.layers.map(\.diffID), mirror: base.mirror,
                snapshot: base.snapshot),
            apt: packages.aptVersions, pip: packages.pipVersions, files: files)
    }

    // MARK: Tests

    private func test(_ folders: [FilePath], _ image: FilePath) async throws {
        let start = ContinuousClock.now
        journal.started(firstIndex, "tests")
        let account = try ImageAccount.resolve(recipe.user ?? base.config.User, in: image)
        for (offset, command) in recipe.tests.enumerated() {
            let status = try await run(command, offset, folders, account)
            guard !status.isSuccess else { continue }
            journal.finished(
                firstIndex,
                StepOutcome(
                    state: .failed, seconds: start.duration(to: .now).seconds, exitCode: status.shellCode))
            throw RucheError(
                .testFailed, "the test \"\(command)\" failed with exit code \(status.shellCode)",
                details: [
                    "step": String(firstIndex), "test": String(offset), "title": command,
                    "exit_code": String(status.shellCode),
                ])
        }
        journal.finished(firstIndex, StepOutcome(state: .built, seconds: start.duration(to: .now).seconds))
    }

    /// One test in a container of its own, over a layer that is thrown away.
    private func run(
        _ command: String, _ offset: Int, _ folders: [FilePath], _ account: ImageAccount
    ) async throws -> ExitStatus {
        let name = "test-\(offset)"
        let upper = try setting.workspace.folder(name + "/upper")
        let root = try setting.workspace.folder(name + "/root")
        try OverlayMount.mount(
            lower: folders, upper: upper, work: try setting.workspace.folder(name + "/work"), at: root)
        defer { try? Workspace.remove(setting.workspace.folder.appending(name)) }  // the workspace goes with the build
        var spec = SandboxSpec(root: root, arguments: ["/bin/sh", "-c", command])
        var environment = ["PATH": Tool.searchPath, "HOME": account.home, "LANG": "C.UTF-8"]
        for (key, value) in setting.environment.merging(recipe.env, uniquingKeysWith: { $1 }) {
            environment[key] = value
        }
        spec.environment = environment
        spec.uid = account.uid
        spec.gid = account.gid
        let directory = recipe.workdir ?? base.config.WorkingDir ?? ""
        spec.workingDirectory = directory.isEmpty ? "/" : directory
        journal.output(of: firstIndex)(OutputLine(stream: .stdout, text: "$ \(command)"))
        let id = "ruche-test-\(setting.workspace.id)-\(offset)"
        let status = try await setting.sandbox.run(id: id, spec, onLine: journal.output(of: firstIndex))
        try Task.checkCancellation()
        return status
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
        _ layers: [LayerRecord], _ folders: [FilePath], _ config: ImageConfig
    ) async throws -> [Descriptor] {
        var manifests: [Descriptor] = []
        for (offset, variant) in recipe.variants.enumerated() {
            let index = firstIndex + (recipe.tests.isEmpty ? 0 : 1) + offset
            let start = ContinuousClock.now
            journal.started(index, "variant \(variant.rawValue)")
            let (manifest, wasMade) = try await make(variant, layers, folders, config)
            manifests.append(manifest)
            journal.finished(
                index,
                StepOutcome(
                    state: wasMade ? .built : .reused, seconds: start.duration(to: .now).seconds, size: manifest.size,
                    digest: manifest.digest))
        }
        return manifests
    }

    private func make(
        _ variant: VariantFormat, _ layers: [LayerRecord], _ folders: [FilePath], _ config: ImageConfig
    ) async throws -> (Descriptor, Bool) {
        switch variant {
        case .oci:
            let stack = layers.map { ($0.blob, $0.diffID, $0.createdBy) }
            return (try await ReleaseAssembler(store: builder.store).image(layers: stack, config: config), true)
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
            if !request.noCache, let known = records.read(key), try await isWhole(known) { return (known, false) }
            let maker = LXDVariant(
                store: builder.store, runner: builder.runner, scratch: try setting.workspace.folder("lxd"))
            let made = try await maker.make(
                folders: folders.reversed(), metadata: metadata, clampTime: setting.clampTime)
            try records.write(made, as: key)
            return (made, true)
        }
    }

    private func isWhole(_ descriptor: Descriptor) async throws -> Bool {
        guard try await builder.store.size(of: descriptor.digest) != nil else { return false }
        let manifest = try await builder.store.document(Manifest.self, descriptor.digest)
        for blob in [manifest.config] + manifest.layers where try await builder.store.size(of: blob.digest) == nil {
            return false
        }
        return true
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
