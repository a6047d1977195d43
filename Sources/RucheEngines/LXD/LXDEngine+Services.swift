package import RucheCore
import RucheHost
import SystemPackage

extension PortPublication {
    /// Whether a start failed because somebody has the port. The proxy of a port says "listen tcp ADDRESS:PORT: bind:
    /// address already in use", or LXD only that the proxy device did not start, as it had gone before it was asked.
    func wasTaken(asLXDSays message: String) -> Bool {
        let isSaid = message.contains("\(address):\(host): bind: address already in use")
        return isSaid || message.contains("proxy device") && LocalPort.obstacle(address, host) != nil
    }
}

extension LXDEngine {
    /// What LXD itself lacks is told by `check`.
    package func serviceFindings() async -> [EngineFinding] {
        guard capabilities.contains(.remote) else { return [] }
        return [
            EngineFinding(
                message: "it is on another machine, where nobody finds the ports of instances",
                remedy: "name an engine of this machine")
        ]
    }

    package func serve(_ spec: ContainerSpec) async throws {
        try LXDName.check(spec.id)
        var spec = spec
        spec.serves = true
        spec.sandbox.network = true
        spec.sandbox.mounts.append(try hosts(spec))
        guard let instance = try await find(spec.id) else {
            return try await create(spec) { [spec] in try await begin(spec) }
        }
        let folder = try folder(of: instance)
        switch instance.status {
        case "Stopped":
            // Another one than that which followed it to its end before.
            followers.removeValue(forKey: spec.id)?.cancel()
            try folder.forgetEnd()
            try await begin(spec)
        case "Frozen": try await resume(spec.id)
        default: follow(spec.id, folder)
        }
    }

    /// LXD leaves it to the image what a container is told of its name.
    private nonisolated func hosts(_ spec: ContainerSpec) throws -> SandboxSpec.Mount {
        try FileTree.makeFolder(spec.scratch)
        let path = spec.scratch.appending("hosts")
        try AtomicFile.write(
            Array("127.0.0.1 localhost \(spec.sandbox.hostname)\n::1 localhost\n".utf8), to: path, durable: false)
        return SandboxSpec.Mount(source: path, destination: "/etc/hosts", readOnly: true)
    }

    private func begin(_ spec: ContainerSpec) async throws {
        do { try await start(spec.id) } catch let error as RucheError {
            if let port = spec.ports.first(where: { $0.wasTaken(asLXDSays: error.message) }) { throw port.taken() }
            guard error.message.contains("idmapping") else { throw error }
            throw RucheError(
                .unsupported,
                "the engine \(name) can't share folders here, for want of idmapped mounts of its kernel or their file "
                    + "system: leave --share out, or name another engine", details: ["engine": name], cause: error)
        }
    }

    package func halt(_ id: String) async throws {
        try LXDName.check(id)
        // In a task of its own: a cancelled caller must not leave it half ended.
        try await Task {
            guard let instance = try await find(id) else { return }
            let folder = try folder(of: instance)
            try await kill(id, folder, timedOut: false)
            if FileTree.exists(folder.startMark) { await drain(id, folder) }
            await awaitPorts(of: instance)
        }.value
    }

    /// LXD calls a container stopped a moment before it lets its ports go, also one that ended by itself.
    private nonisolated func awaitPorts(of instance: LXDAPI.Instance) async {
        let listens = (instance.devices ?? [:]).values.compactMap { $0["listen"] }
        for listen in listens {
            let parts = listen.split(separator: ":").map(String.init)
            guard parts.count == 3, let port = Int(parts[2]) else { continue }
            await LocalPort.awaitFree(parts[1], port)
        }
    }

    package nonisolated func entrance(_ id: String) -> InstanceEntrance? {
        guard let clientProgram else { return nil }
        return InstanceEntrance(
            program: clientProgram + ["exec"], terminal: "--force-interactive", container: id, separator: "--")
    }

    /// LXD's own client, for one of this machine.
    nonisolated var clientProgram: [String]? {
        guard case .unix(let socket) = client.connection.address else { return nil }
        return ["env", "LXD_SOCKET=\(socket)", "lxc"] + (settings.text("project").map { ["--project", $0] } ?? [])
    }
}
