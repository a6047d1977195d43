import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// The forms of a release that are virtual machines. A disk is put together at most once for each root, and not at
/// all where one in another format is there to convert.
struct MachineVariants {
    let maker: VariantMaker
    let chain: LayerChain

    private var builder: Builder { maker.builder }
    private var recipe: Recipe { maker.request.recipe }
    private var machine: MachineContract { recipe.machine ?? MachineContract() }

    func make(_ variant: VariantFormat) async throws -> VariantMaker.Made {
        if let format = DiskFormat(rawValue: variant.rawValue) {
            let made = try await disk(format)
            return (made.manifest, made.disk.size, made.isNew)
        }
        let hardware = hardware
        let package = MachinePackage(store: builder.store, hardware: hardware, time: maker.setting.clampTime)
        let inputs =
            ["ruche machine 2", variant.rawValue, hardware.name, String(hardware.cpus)]
            + [String(hardware.memory.bytes), maker.metadata.description, maker.metadata.name] + (try inputs(.qcow2))
        return try await maker.known(inputs) {
            switch variant {
            case .ova: return try await package.appliance(try await disk(.vmdk).disk)
            case .vagrantLibvirt: return try await package.libvirtBox(try await disk(.qcow2).disk)
            case .vagrantVirtualBox: return try await package.virtualBoxBox(try await disk(.vmdk).disk)
            default:
                return try await maker.lxd.makeMachine(
                    try await disk(.qcow2).disk, package: package, metadata: maker.metadata,
                    clampTime: maker.setting.clampTime)
            }
        }
    }

    private typealias Disk = (manifest: Descriptor, disk: DiskVariant, isNew: Bool)

    private func disk(_ format: DiskFormat) async throws -> Disk {
        if let disk = maker.base.disk?.variant, disk.format == format {
            return (try await disk.store(with: ReleaseAssembler(store: builder.store)), disk, true)
        }
        var capacity: Int64 = 0
        let made = try await maker.known(try inputs(format)) {
            let folder = try maker.setting.workspace.folder("disk-\(chain.rawValue)-\(format.rawValue)")
            let source = try await source()
            capacity = source.capacity
            let blob =
                if format == source.format {
                    try await builder.store.take(source.file)
                } else {
                    try await builder.store.take(
                        DiskConverter(runner: builder.runner).convert(
                            source.file, from: source.format, to: format, in: folder, identity: try identity()))
                }
            return try await DiskVariant(
                format: format, architecture: architecture, blob: blob.digest,
                size: blob.size.bytes, capacity: capacity
            ).store(with: ReleaseAssembler(store: builder.store))
        }
        let manifest = try await builder.store.document(Manifest.self, made.manifest.digest)
        guard let disk = DiskVariant(made.manifest, manifest: manifest) else {
            throw RucheError(.internalError, "the disk \(made.manifest.digest) is none")
        }
        return (made.manifest, disk, made.isNew)
    }

    /// A disk to convert: the raw one of this build, one that the store has, or a new one.
    private func source() async throws -> (file: FilePath, format: DiskFormat, capacity: Int64) {
        if let disk = maker.base.disk {
            return (try await builder.store.withFile(disk.blob) { $0 }, .qcow2, disk.capacity)
        }
        let raw = try maker.setting.workspace.folder("disk-\(chain.rawValue)").appending("disk.raw")
        if FileTree.exists(raw) { return (raw, .raw, try FileTree.size(raw)) }
        for format in [DiskFormat.raw, .qcow2] {
            let key = try CanonicalJSON.digest(try inputs(format)).hex
            guard let record = try await maker.record(key),
                let disk = DiskVariant(
                    record.manifest,
                    manifest: try await builder.store.document(Manifest.self, record.manifest.digest))
            else { continue }
            // The lease of the build keeps the blob while its file is read.
            return (try await builder.store.withFile(disk.blob) { $0 }, format, disk.capacity)
        }
        let folders = try await builder.folders(try stack().layers)
        guard let loader = try await builder.folders(maker.stacks[.loader]?.layers ?? []).last else {
            throw RucheError(.internalError, "the machine has no boot loader")
        }
        let root = MachineRoot(
            folders: folders.reversed(), loader: loader.appending(LoaderScript.folder),
            architecture: builder.configuration.architecture, capacity: machine.disk, identity: try stack().identity,
            hostName: hardware.name, clampTime: maker.setting.clampTime)
        let size = try await DiskAssembler(runner: builder.runner).assemble(
            root, scratch: maker.setting.workspace.folder, to: raw)
        return (raw, .raw, size.bytes)
    }

    /// All that the bytes of a disk depend on.
    private func inputs(_ format: DiskFormat) throws -> [String] {
        [
            "ruche disk 1", format.rawValue, try identity().hex, maker.stacks[.loader]?.identity.hex ?? "",
            machine.disk.map { String($0.bytes) } ?? "", hardware.name, String(maker.setting.clampTime),
        ]
    }

    private func identity() throws -> Digest { try maker.base.disk?.blob ?? stack().identity }

    private var architecture: String { maker.base.disk?.architecture ?? builder.configuration.architecture }

    private func stack() throws -> BuiltStacks.Stack {
        guard let stack = maker.stacks[chain] else {
            throw RucheError(.internalError, "the layers of the machine are missing")
        }
        return stack
    }

    private var hardware: MachineHardware { MachineHardware(recipe, architecture: architecture) }
}
