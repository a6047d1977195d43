import Foundation
import Logging
import RucheBuild
import RucheCore
import RucheEngines
import RucheHost
import RucheImages
import RucheService
import RucheStore
import Support
import SystemPackage

/// A data folder with one release, `lab/tiny:1.0`, whose disk is a tiny guest, and services over it with real machines.
struct InstanceSite: Sendable {
    let data: FilePath
    let database: SQLiteDatabase
    let events: DatabaseEventLog
    let content: FileContentStore
    let releases: FileReleaseStore
    let layers: FileLayerCache
    let disk: Digest
    /// Those who start containers here.
    let containers: [any InstanceEngine]

    /// Ends every machine that `body` left.
    static func with(
        switchesOff: Bool = false, ssh: Bool = false, _ body: @Sendable (InstanceSite) async throws -> Void
    ) async throws {
        try await Scratch.with { folder in
            let site = try await InstanceSite(folder, switchesOff: switchesOff, ssh: ssh)
            do { try await body(site) } catch {
                try? await site.end()  // the body's error is the one to report
                throw error
            }
            try await site.end()
        }
    }

    private init(_ folder: FilePath, switchesOff: Bool, ssh: Bool) async throws {
        data = folder.appending("data")
        try FileTree.makeFolder(data.appending("instances"))
        database = try SQLiteDatabase(path: data.appending("ruche.db"))
        events = DatabaseEventLog(database: database)
        content = try FileContentStore(folder: data.appending("content"))
        releases = try FileReleaseStore(folder: data.appending("content/refs"), store: content)
        layers = try FileLayerCache(folder: data.appending("cache/layers"), store: content)
        let runtime = OCIRuntimeEngine(data: data, runner: SystemCommandRunner())
        containers = ContainerInstanceEngine(runtime).map { [$0] } ?? []
        let file = folder.appending("disk.raw")
        try TinyGuest.write(file, switchesOff: switchesOff)
        let blob = try await content.ingest(file)
        disk = blob.digest
        var machine = MachineContract()
        (machine.cloudInit, machine.ssh, machine.memory) = (false, ssh, ByteCount(64 << 20))
        try await publish("lab/tiny", machine, disk: blob)
        try await publish("lab/none", machine, disk: nil)
    }

    /// Publishes a release whose container image is the tests' small root, `/srv` in it, and whose machine is the tiny
    /// guest if it is to have one.
    func publish(
        _ name: String, _ service: ServiceContract?, hasDisk: Bool = false,
        _ change: (inout ImageConfig.Execution) -> Void = { _ in }
    ) async throws {
        let image = try await container(change)
        let stored = hasDisk ? StoredBlob(digest: disk, size: ByteCount(1 << 20)) : nil
        try await publish(name, MachineContract(), disk: stored, others: [image], service: service)
    }

    private func container(_ change: (inout ImageConfig.Execution) -> Void) async throws -> Descriptor {
        let root = data.removingLastComponent().appending("root")
        if !FileTree.exists(root) {
            try BusyboxRoot.make(at: root)
            try FileTree.makeFolder(root.appending("srv"))
        }
        let blob = try await LayerArchiver().write(folder: root, clampTime: 0, to: content)
        let layer = Descriptor(mediaType: MediaType.layerTar, digest: blob.digest, size: blob.size.bytes)
        var config = ImageConfig(architecture: "amd64", rootfs: .init(diffIDs: []))
        var execution = ImageConfig.Execution()
        change(&execution)
        config.config = execution
        return try await ReleaseAssembler(store: content).image(
            layers: [(blob: layer, diffID: blob.digest, createdBy: "test")], config: config)
    }

    /// Publishes a release that has a Vagrant box, for `libvirt` with a qcow2 or for `virtualbox` with a vmdk, and
    /// nothing else but a container image if it is to have one.
    func publishBox(_ name: String, _ provider: String, disk: FilePath, hasImage: Bool = false) async throws {
        let (size, blob) = (try FileTree.size(disk), try await content.ingest(disk))
        let format: DiskFormat = provider == "libvirt" ? .qcow2 : .vmdk
        let variant = DiskVariant(
            format: format, architecture: "amd64", blob: blob.digest, size: size, capacity: 1 << 20)
        let hardware = MachineHardware(name: "tiny", cpus: 1, memory: ByteCount(64 << 20), architecture: "amd64")
        let package = MachinePackage(store: content, hardware: hardware, time: 0)
        let box =
            format == .qcow2 ? try await package.libvirtBox(variant) : try await package.virtualBoxBox(variant)
        var machine = MachineContract()
        (machine.cloudInit, machine.ssh, machine.memory) = (false, false, ByteCount(64 << 20))
        let image = hasImage ? [try await container { $0.Cmd = ["/bin/sh"] }] : []
        try await publish(name, machine, disk: nil, others: image + [box])
    }

    /// Publishes a release that has a machine for LXD alone, whose disk is the tiny guest.
    func publishForLXD(_ name: String) async throws {
        let folder = data.removingLastComponent()
        let (raw, image) = (folder.appending("guest.raw"), folder.appending("guest.qcow2"))
        try TinyGuest.write(raw)
        try await SystemCommandRunner().runChecked(
            Command(Tool.qemuImage.name, ["convert", "-f", "raw", "-O", "qcow2", raw.string, image.string]))
        let blob = try await content.ingest(image)
        let variant = DiskVariant(
            format: .qcow2, architecture: "amd64", blob: blob.digest, size: blob.size.bytes, capacity: 1 << 20)
        let hardware = MachineHardware(name: "tiny", cpus: 1, memory: ByteCount(64 << 20), architecture: "amd64")
        let file = folder.appending("metadata.tar.xz")
        try AtomicFile.write(Array("metadata".utf8), to: file)
        let metadata = try await content.ingest(file)
        let form = try await MachinePackage(store: content, hardware: hardware, time: 0).lxdMachine(
            variant,
            metadata: Descriptor(
                mediaType: MediaType.lxdMetadata, digest: metadata.digest, size: metadata.size.bytes))
        var machine = MachineContract()
        (machine.cloudInit, machine.ssh, machine.memory) = (false, false, ByteCount(64 << 20))
        try await publish(name, machine, disk: nil, others: [form])
    }

    private func publish(
        _ name: String, _ machine: MachineContract, disk: StoredBlob?, others: [Descriptor] = [],
        service: ServiceContract? = nil
    ) async throws {
        guard let name = EnvironmentName(name), let version = ReleaseVersion("1.0") else { return }
        let assembler = ReleaseAssembler(store: content)
        var recipe = Recipe(name: name, version: version, from: .debian(suite: "bookworm"))
        recipe.machine = machine
        recipe.service = service
        var manifests = others
        if let disk {
            manifests.append(
                try await DiskVariant(
                    format: .raw, architecture: "amd64", blob: disk.digest, size: disk.size.bytes,
                    capacity: disk.size.bytes
                ).store(with: assembler))
        }
        let (descriptor, index) = try await assembler.index(
            name: name, version: version, manifests: manifests,
            annotations: [ReleaseAnnotation.recipe: String(decoding: try JSONEncoder().encode(recipe), as: UTF8.self)])
        try await releases.publish(
            Release(
                name: name, version: version, digest: descriptor.digest, index: index, referrers: [], publishedAt: 0))
    }

    /// Runs a service while `body` does, with more engines than this machine's if there are to be; its end is like the
    /// end of the process.
    func serve<Result: Sendable>(
        and others: [any InstanceEngine] = [],
        _ body: @escaping @Sendable (InstanceService) async throws -> Result
    ) async throws -> Result {
        let content = content
        var configuration = InstanceServiceConfiguration(
            data: data, database: database, events: events, releases: releases, content: content, layers: layers,
            engines: [QEMUEngine(runner: SystemCommandRunner())] + containers + others, runner: SystemCommandRunner(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { try content.lease() }
        configuration.grace = .milliseconds(300)
        configuration.containerGrace = .seconds(2)
        configuration.tick = .milliseconds(50)
        let service = InstanceService(configuration: configuration)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await service.run()
                return nil
            }
            group.addTask {
                try await service.recover()
                return try await body(service)
            }
            while let result = try await group.next() {
                if let result {
                    group.cancelAll()
                    return result
                }
            }
            throw CancellationError()
        }
    }

    func order(_ name: String? = nil, _ change: (inout InstanceOrder) -> Void = { _ in }) -> InstanceOrder {
        var order = InstanceOrder(release: "lab/tiny", owner: .local)
        order.name = name
        change(&order)
        return order
    }

    /// The process of a machine; nil when it does not run.
    func process(_ id: Identifier) -> ProcessIdentity? {
        let file = data.appending("instances/\(id)/qemu.pid")
        let text = (try? AtomicFile.read(file)).map { String(decoding: $0, as: UTF8.self) }
        return text?.split(separator: " ").first.flatMap { Int32($0) }.flatMap { ProcessIdentity(of: $0) }
    }

    func kinds() async throws -> [String] {
        try await events.events(after: 0, subject: nil, limit: 1000).map(\.kind)
    }

    private func end() async throws {
        try await serve { service in
            for record in await service.instances(limit: 100) { try await service.destroy(record.id) }
        }
    }
}

extension InstanceService {
    /// Returns once an instance is in one of the states.
    func reaches(_ id: Identifier, _ states: InstanceState...) async throws -> InstanceRecord {
        guard try await eventually(within: .seconds(60), { states.contains(try self.instance(id).state) }) else {
            throw RucheError(.timedOut, "it never was \(states): \(try instance(id))")
        }
        return try instance(id)
    }
}
