import FoundationEssentials
import Glibc
import RucheCore
import RucheHost
import SystemPackage

extension DockerEngine {
    /// Throws `conflict` when there is such a container, `invalid_input` for a spec that can't run.
    package func create(_ spec: ContainerSpec) async throws {
        try ContainerID.check(spec.id)
        try spec.sandbox.validate()
        var sandbox = spec.sandbox
        if let user = spec.user {
            let identity = try ImageUsers(layers: await spec.image.layers()).resolve(user)
            sandbox.uid = identity.uid
            sandbox.gid = identity.gid
            sandbox.additionalGroups = identity.groups
        }
        try FileTree.makeFolder(spec.scratch)
        let quirks = try await quirks()
        let making = "\(UInt64.random(in: 0...UInt64.max))"
        for isLast in [false, true] {
            let image = try await imageID(spec.image)
            var container = try document(spec, sandbox, image: image, quirks)
            container.Labels[DockerLabel.making] = making
            do {
                try await make(spec.id, container)
                return
            } catch let error as RucheError where error.code == .notFound && !isLast {
                continue  // somebody removed the image between two looks at it
            }
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

    private func make(_ id: String, _ container: DockerAPI.Create) async throws {
        // In a task of its own: nobody would know of a container whose making was cancelled half-way.
        let client = client
        let making = Task { try await client.create(id, container) }
        do { try await making.value } catch let error as RucheError {
            // Podman calls a name that is taken a failure of its own. A connection may end when it is made.
            guard let found = try? await client.inspect(id) else { throw error }
            guard found.Config.Labels?[DockerLabel.making] == container.Labels[DockerLabel.making] else {
                throw RucheError(.conflict, "there is a container \(id) already: delete it first", cause: error)
            }
        }
        guard Task.isCancelled else { return }
        try? await delete(id)  // the cancellation is what to report
        throw CancellationError()
    }

    private func document(
        _ spec: ContainerSpec, _ sandbox: SandboxSpec, image: String, _ quirks: DockerQuirks
    ) throws -> DockerAPI.Create {
        var labels = [DockerLabel.data: context.data.string, DockerLabel.scratch: spec.scratch.string]
        if let time = sandbox.limits.time { labels[DockerLabel.timeLimit] = String(time) }
        var environment = sandbox.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        if sandbox.environment["PATH"] == nil { environment.append(RuntimeConfiguration.searchPath) }
        var container = DockerAPI.Create(
            Image: image, Entrypoint: Array(sandbox.arguments.prefix(1)), Cmd: Array(sandbox.arguments.dropFirst()),
            Env: environment, WorkingDir: sandbox.workingDirectory, User: "\(sandbox.uid):\(sandbox.gid)",
            Hostname: sandbox.hostname, Labels: labels, HostConfig: try hostConfig(sandbox, quirks))
        if !spec.ports.isEmpty { publish(spec.ports, &container) }
        return container
    }

    private func publish(_ ports: [PortPublication], _ container: inout DockerAPI.Create) {
        var bindings: [String: [DockerAPI.Create.PortBinding]] = [:]
        for port in ports {
            bindings["\(port.guest)/tcp", default: []].append(
                DockerAPI.Create.PortBinding(HostIp: port.address, HostPort: "\(port.host)"))
        }
        container.HostConfig.PortBindings = bindings
        container.ExposedPorts = bindings.mapValues { _ in DockerAPI.Create.Empty() }
    }

    private func hostConfig(_ sandbox: SandboxSpec, _ quirks: DockerQuirks) throws -> DockerAPI.Create.HostConfig {
        let limits = sandbox.limits
        var ulimits = [DockerAPI.Create.Ulimit(Name: "core", Soft: 0, Hard: 0)]
        if let disk = limits.disk {
            ulimits.append(DockerAPI.Create.Ulimit(Name: "fsize", Soft: disk.bytes, Hard: disk.bytes))
        }
        if quirks.raisesOtherLimits { ulimits += Self.ownLimits() }
        return DockerAPI.Create.HostConfig(
            Mounts: sandbox.mounts.map {
                DockerAPI.Create.Mount(
                    Source: hostPath($0.source).string, Target: $0.destination, ReadOnly: $0.readOnly)
            },
            Tmpfs: sandbox.temporaries.mapValues { "rw,nosuid,nodev,mode=1777,size=\($0.bytes)" },
            NetworkMode: sandbox.network ? settings.text("network") ?? "bridge" : "none",
            ReadonlyRootfs: sandbox.readOnlyRoot,
            CapAdd: RuntimeConfiguration.capabilities(of: sandbox),
            SecurityOpt: ["no-new-privileges", "seccomp=\(try seccomp(sandbox.privileges, quirks))"],
            GroupAdd: sandbox.additionalGroups.map { String($0) }, Memory: limits.memory?.bytes,
            MemorySwap: limits.memory?.bytes, NanoCpus: limits.cpus.map { Int64(max($0, 0.01) * 1e9) },
            PidsLimit: Int64(limits.processes ?? RuntimeConfiguration.defaultProcesses), Ulimits: ulimits,
            LogConfig: logConfig(quirks),
            Sysctls: sandbox.opensLowPorts && sandbox.network ? RuntimeConfiguration.lowPorts : nil)
    }

    /// Limits that this process has itself, which a service of the same machine may set.
    private static func ownLimits() -> [DockerAPI.Create.Ulimit] {
        var files = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 else { return [] }
        let most = Int64(min(files.rlim_max, 1 << 20))
        return [.init(Name: "nofile", Soft: most, Hard: most), .init(Name: "nproc", Soft: 32768, Hard: 32768)]
    }

    /// The daemon keeps more than this engine takes, so that lines it was not there for are still to be had.
    private func logConfig(_ quirks: DockerQuirks) -> DockerAPI.Create.LogConfig {
        guard quirks.logDriver == "json-file" else { return .init(type: quirks.logDriver, Config: [:]) }
        // JSON may make six bytes of one.
        return .init(
            type: quirks.logDriver,
            Config: ["max-size": String(min(max(context.consoleLogLimit.bytes, 1 << 20), 256 << 20)), "max-file": "8"])
    }

    private func seccomp(_ privileges: SandboxSpec.Privileges, _ quirks: DockerQuirks) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let profile = try encoder.encode(SeccompProfile(privileges))
        guard quirks.readsSeccompFile else { return String(decoding: profile, as: UTF8.self) }
        try FileTree.makeFolder(folder, permissions: 0o700)
        let path = folder.appending(privileges == .build ? "seccomp-build.json" : "seccomp.json")
        let current = try? AtomicFile.read(path, limit: 1 << 20)  // it may not be there yet
        if current != Array(profile) { try AtomicFile.write(profile, to: path, durable: false) }
        return hostPath(path).string
    }

    /// What the engine itself keeps, below the data directory.
    nonisolated var folder: FilePath { context.data.appending("run/engines").appending(name) }

    /// The path by which the daemon's machine knows a path of this one: they differ where this server runs in a
    /// container itself.
    nonisolated func hostPath(_ path: FilePath) -> FilePath {
        guard let root = settings.text("host_root") else { return path }
        var rest = path
        guard rest.removePrefix(context.data) else { return path }
        return FilePath(root).pushing(rest)
    }
}
