import Glibc
import RucheCore
import RucheHost
import SystemPackage

extension LXDEngine {
    /// Throws `conflict` when there is such a container, `invalid_input` for a spec that can't run.
    package func create(_ spec: ContainerSpec) async throws {
        try LXDName.check(spec.id)
        try spec.sandbox.validate()
        var sandbox = spec.sandbox
        if let user = spec.user {
            let identity = try ImageUsers(layers: await spec.image.layers()).resolve(user)
            sandbox.uid = identity.uid
            sandbox.gid = identity.gid
            sandbox.additionalGroups = identity.groups
        }
        if try await client.instance(spec.id) != nil { throw taken(spec.id) }
        let tools = LXDTools(engine: folder, runner: context.runner)
        try await tools.prepare()
        let instance = LXDInstance(
            spec: spec, sandbox: sandbox, data: context.data, tools: tools.folder, shifts: geteuid() != 0)
        try FileTree.makeFolder(spec.scratch)
        let folder = LXDFolder(scratch: spec.scratch)
        try folder.clear()
        do {
            try write(instance, folder)
            try await make(instance, folder)
        } catch {
            try? folder.clear()  // the first error is the one to report
            throw error
        }
    }

    package func launch(_ spec: ContainerSpec, permit: @escaping @Sendable () async throws -> Void) async throws {
        async let permission: Void = permit()
        try await create(spec)
        do {
            try await permission
            try Task.checkCancellation()
            try await start(spec.id)
        } catch {
            try? await delete(spec.id)  // the first error is the one to report
            throw error
        }
    }

    private func taken(_ id: String) -> RucheError {
        RucheError(.conflict, "there is a container \(id) already: delete it first")
    }

    private func write(_ instance: LXDInstance, _ folder: LXDFolder) throws {
        // The container's root, which may do nothing more than others, walks through it to the tools.
        try FileTree.makeFolder(folder.shared, permissions: 0o711)
        try FileTree.makeFolder(folder.shared.appending("tools"))
        let files = [
            (folder.script, LXDScript(sandbox: instance.sandbox).text), (folder.stream(isError: false), ""),
            (folder.stream(isError: true), ""),
        ]
        for (path, text) in files {
            try AtomicFile.write(Array(text.utf8), to: path, permissions: [.ownerReadWrite], durable: false)
        }
        try folder.makeGate()
        guard geteuid() == 0 else { return }
        for path in folder.owned {
            guard lchown(path.string, instance.sandbox.uid, instance.sandbox.gid) == 0 else {
                throw Errno(rawValue: errno)
            }
        }
    }

    private func make(_ instance: LXDInstance, _ folder: LXDFolder) async throws {
        let id = instance.spec.id
        let document = LXDAPI.Create(
            name: id, source: .init(fingerprint: try await fingerprint(instance.spec.image)), profiles: profiles,
            config: instance.configuration(),
            devices: instance.devices(pool: pool, network: try await networkDevices()))
        // In a task of its own: nobody would know of an instance whose making was cancelled half-way.
        let (client, target) = (client, settings.text("target"))
        let making = Task { try await client.create(document, target: target) }
        do { try await making.value } catch let error as RucheError {
            guard error.code == .conflict || error.message.contains("already exists") else {
                // It may have been made all the same; there was none before.
                try? await Task {
                    try await LXDClient.insist { if try await find(id) != nil { try await client.remove(id) } }
                }.value
                throw error
            }
            throw taken(id)
        }
        do {
            try Task.checkCancellation()
            try await prepare(instance, folder)
        } catch {
            try? await Task { try await client.remove(id) }.value  // the first error is the one to report
            throw error
        }
    }

    /// Gives the container what is its own, now that LXD has said who its users are.
    private func prepare(_ instance: LXDInstance, _ folder: LXDFolder) async throws {
        let id = instance.spec.id
        guard let made = try await find(id) else { throw missing(id) }
        if !instance.shifts {
            let admission = LXDAdmission(
                map: try LXDIdentityMap(made.config["volatile.idmap.next"]), sandbox: instance.sandbox,
                data: context.data)
            try admission.admit(instance.sandbox.mounts.filter { !instance.isForeign($0) })
            for path in folder.owned { try admission.admitOwner(path) }
        }
        guard instance.sandbox.readOnlyRoot else { return }
        for place in instance.places() {
            try await client.makePlace(place.path, in: id, isFolder: place.isFolder)
        }
    }

    nonisolated var profiles: [String] { settings.list("profiles") ?? ["default"] }
    nonisolated var pool: String? { settings.text("pool") }

    nonisolated func profileDocuments() async throws -> [LXDAPI.Configured] {
        var found: [LXDAPI.Configured] = []
        for profile in profiles {
            found += [try await client.find("/1.0/profiles", named: profile, LXDAPI.Configured.self)].compactMap(\.self)
        }
        return found
    }

    /// Names of the network devices that the profiles give.
    private func networkDevices() async throws -> [String] {
        let devices = try await profileDocuments().flatMap { $0.devices ?? [:] }
        return Set(devices.filter { $0.value["type"] == "nic" }.map(\.key)).sorted()
    }
}
