import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// Makes the forms of a release from the layers of its build.
struct VariantMaker {
    let builder: Builder
    let request: BuildRequest
    let setting: StepSetting
    let base: BaseRecord
    let stacks: BuiltStacks
    let assembler: ReleaseAssembler

    /// A variant, the bytes of its content, and whether it had to be made.
    typealias Made = (manifest: Descriptor, size: Int64, isNew: Bool)

    private var recipe: Recipe { request.recipe }

    func make(_ variant: VariantFormat) async throws -> Made {
        let layers = stacks.containerLayers
        switch variant {
        case .oci:
            let stack = layers.map { ($0.blob, $0.diffID, $0.createdBy) }
            let manifest = try await assembler.image(layers: stack, config: try imageConfig())
            return (manifest, layers.reduce(0) { $0 + $1.blob.size }, true)
        case .lxd:
            // Squashing a root takes seconds, so it is done once for each root.
            let metadata = metadata
            return try await known(
                ["ruche lxd 1", String(setting.clampTime), metadata.description, metadata.name, metadata.serial]
                    + layers.map(\.diffID.hex)
            ) {
                let folders = try await builder.folders(layers)
                return try await lxd.make(folders: folders.reversed(), metadata: metadata, clampTime: setting.clampTime)
            }
        case .lxdMachine, .raw, .qcow2, .vmdk, .vdi, .vhdx, .ova, .vagrantLibvirt, .vagrantVirtualBox:
            return try await MachineVariants(maker: self, chain: variant.machineChain).make(variant)
        }
    }

    /// What was made of `inputs` before, if all of it is still there, or what `body` makes.
    func known(_ inputs: [String], _ body: () async throws -> Descriptor) async throws -> Made {
        let key = try CanonicalJSON.digest(inputs).hex
        if let (manifest, size) = try await record(key) { return (manifest, size, false) }
        let made = try await body()
        try records.write(made, as: key)
        return (made, try await wholeSize(made) ?? 0, true)
    }

    func record(_ key: String) async throws -> (manifest: Descriptor, size: Int64)? {
        guard !request.noCache, let known = records.read(key), let size = try await wholeSize(known) else { return nil }
        return (known, size)
    }

    private var records: RecordFolder<Descriptor> {
        RecordFolder<Descriptor>(folder: builder.configuration.cache.appending("variants"))
    }

    var lxd: LXDVariant {
        get throws {
            LXDVariant(store: builder.store, runner: builder.runner, scratch: try setting.workspace.folder("lxd"))
        }
    }

    var metadata: LXDMetadata {
        LXDMetadata(
            architecture: builder.configuration.architecture, os: "linux", release: recipe.version.description,
            description: recipe.summary ?? recipe.name.description, name: "\(recipe.name):\(recipe.version)",
            serial: SnapshotTime.serial(setting.clampTime))
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
}
