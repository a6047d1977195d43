package import RucheCore
import RucheHost
import SystemPackage

/// Virtual machines by an LXD that runs containers too: the same first settings, keys and network as with QEMU alone, on a
/// disk that LXD keeps.
///
/// What is known of a machine is in LXD's configuration of it; it goes on without this process and without LXD's daemon.
package struct LXDMachineEngine: InstanceEngine {
    package let capabilities: InstanceCapabilities = [.machine, .snapshot, .console, .publish, .seed]
    package let firmwares: [MachineFirmware] = [.uefi]
    let engine: LXDEngine
    let type: LXDMachine.Kind

    /// There while it is to run.
    private static let mark = "lxd-runs"
    /// Seconds for which LXD asks a guest to end; it is asked again until its time is over.
    private static let wordTimeout = 5

    package init(_ engine: LXDEngine) { self.init(engine, of: .machine) }

    init(_ engine: LXDEngine, of kind: LXDMachine.Kind) {
        self.engine = engine
        type = kind
    }

    package var name: String { engine.name }
    package var kind: String { engine.kind }
    var client: LXDClient { engine.client }

    /// LXD has no machines with emulated processors.
    package func acceleration() async -> InstanceAcceleration? { nil }

    // MARK: Life

    package func create(_ spec: InstanceSpec) async throws {
        guard case .disk(let path, let format) = spec.image, let digest = spec.imageDigest else {
            throw RucheError(.unsupported, "a machine of the engine \(name) is made of a disk")
        }
        // A process that died may have made it.
        guard try await find(spec) == nil else { return }
        let size = type == .machine ? try await self.size(spec) : spec.disk
        let fingerprint = try await engine.fingerprint(digest, as: type.part) { folder in
            type == .machine ? try await self.qcow2(path, format, in: folder) : path
        }
        let root = LXDMachine.root(of: try await engine.profileDocuments(), pool: engine.pool, size: size)
        let document = LXDAPI.Create(
            name: spec.mark, type: type.rawValue, source: .init(fingerprint: fingerprint),
            profiles: engine.profiles, config: try machine(spec).configuration(), devices: [root.name: root.device])
        let (client, target) = (client, engine.settings.text("target"))
        do {
            // In a task of its own: nobody would know of an instance whose making was cancelled half-way.
            try await Task { try await client.create(document, target: target) }.value
        } catch let error as RucheError {
            throw refusal(error) ?? error
        }
    }

    /// That of the image, which LXD would make ten gibibytes of, or what was asked for.
    private func size(_ spec: InstanceSpec) async throws -> ByteCount? {
        let image = try await DiskImage.inspect(for: spec, engine.context.runner)
        return spec.disk ?? image?.capacity
    }

    /// LXD takes nothing else.
    private func qcow2(_ path: FilePath, _ format: DiskFormat, in folder: FilePath) async throws -> FilePath {
        guard format != .qcow2 else { return path }
        let disk = folder.appending("disk.qcow2")
        try await engine.context.runner.runChecked(
            Command(
                Tool.qemuImage.name, ["convert", "-f", format.rawValue, "-O", "qcow2", path.string, disk.string]))
        return disk
    }

    package func start(_ spec: InstanceSpec) async throws {
        guard let found = try await find(spec) else {
            throw RucheError(.notFound, "LXD has the machine \(spec.mark) no more: destroy the instance")
        }
        guard found.status == "Stopped" else { return }
        if let port = spec.ports.first(where: { LocalPort.obstacle($0.address, $0.host) != nil }) {
            throw port.taken()
        }
        let machine = machine(spec)
        if !FileTree.exists(spec.console) {
            try AtomicFile.write([], to: spec.console, permissions: [.ownerReadWrite], durable: false)
        }
        let roots = (found.devices ?? [:]).filter { $0.value["path"] == "/" }
        let document = LXDAPI.Replace(
            architecture: found.architecture, profiles: found.profiles ?? engine.profiles,
            config: found.config.merging(try machine.configuration()) { $1 },
            devices: roots.merging(machine.devices()) { $1 })
        try await client.replace(spec.mark, document)
        try AtomicFile.write([], to: mark(spec), durable: false)
        do {
            // In a task of its own: LXD goes on with what a cancelled caller no longer waits for.
            try await Task { [client] in
                // It may be busy still with its end before.
                try await LXDClient.insist(while: LXDClient.isBusy) {
                    try await client.change(spec.mark, LXDAPI.Change(action: "start"))
                }
            }.value
            try Task.checkCancellation()
        } catch {
            try? await Task { try await kill(spec) }.value  // the first error is the one to report
            throw (error as? RucheError).map(machine.failure) ?? error
        }
    }

    package func isRunning(_ spec: InstanceSpec) async -> Bool {
        do {
            // LXD starts a guest that restarts anew, and calls it stopped meanwhile.
            for _ in 0..<(FileTree.exists(mark(spec)) ? 50 : 1) {
                guard let instance = try await find(spec) else { return false }
                if instance.status != "Stopped" { return true }
                guard FileTree.exists(mark(spec)) else { return false }
                try await Task.sleep(for: .milliseconds(100))
            }
            try FileTree.remove(mark(spec))
            return false
        } catch {
            // A daemon that does not answer, or a server that stops just now: nobody may take it for ended.
            return true
        }
    }

    package func ending(_ spec: InstanceSpec) async -> String? {
        do {
            return try await find(spec) == nil ? "LXD has it no more" : nil
        } catch {
            return nil  // what is not known is not told
        }
    }

    package func powerDown(_ spec: InstanceSpec) async throws {
        try FileTree.remove(mark(spec))
        guard let instance = try await find(spec), instance.status != "Stopped" else { return }
        do {
            try await client.change(spec.mark, LXDAPI.Change(action: "stop", timeout: Self.wordTimeout))
        } catch let error as RucheError {
            // One that takes longer was asked all the same, and one that is busy is asked again.
            guard [.engineUnavailable, .invalidState].contains(error.code), try await find(spec) != nil else {
                throw error
            }
        }
    }

    package func kill(_ spec: InstanceSpec) async throws {
        try FileTree.remove(mark(spec))
        try await LXDClient.insist {
            guard let instance = try await find(spec), instance.status != "Stopped" else { return }
            try await client.change(spec.mark, LXDAPI.Change(action: "stop", force: true))
        }
    }

    package func delete(_ spec: InstanceSpec) async throws {
        try await kill(spec)
        try await LXDClient.insist {
            guard try await find(spec) != nil else { return }
            try await client.remove(spec.mark)
        }
        await engine.sweep()
    }

    package func held() async throws -> [Identifier] {
        try await client.instances().filter { $0.config[LXDKey.machine] == engine.context.data.string }
            .compactMap { SecureShell.instance($0.name) }
    }

    package func console(_ spec: InstanceSpec) -> ConsoleProgram? {
        engine.clientProgram.map { ConsoleProgram(program: $0 + ["console", spec.mark], leaveKeys: "Ctrl-a q") }
    }

    // MARK: Snapshots

    package func snapshot(_ spec: InstanceSpec, as name: String) async throws {
        try await client.snapshot(spec.mark, LXDAPI.Snapshot(name: name))
    }

    package func restore(_ spec: InstanceSpec, to name: String) async throws {
        try await requireStopped(spec)
        try await client.restore(spec.mark, LXDAPI.Restore(restore: name))
    }

    // MARK: Parts

    private func machine(_ spec: InstanceSpec) -> LXDMachine {
        LXDMachine(spec: spec, kind: type, data: engine.context.data)
    }

    private func mark(_ spec: InstanceSpec) -> FilePath { spec.folder.appending(Self.mark) }

    /// Nil for an instance of that name which is not this data directory's.
    private func find(_ spec: InstanceSpec) async throws -> LXDAPI.Instance? {
        guard let instance = try await client.instance(spec.mark),
            instance.config[LXDKey.machine] == engine.context.data.string
        else { return nil }
        return instance
    }
}
