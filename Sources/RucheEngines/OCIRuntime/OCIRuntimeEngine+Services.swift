package import RucheCore
import RucheHost
import SystemPackage

extension OCIRuntimeEngine {
    package nonisolated func serviceFindings() async -> [EngineFinding] { ServiceNetwork.findings() }

    package func serve(_ spec: ContainerSpec) async throws {
        switch try await state(spec.id) {
        case .running, .paused: return
        case .created, .exited: try await halt(spec.id)
        case .absent: break
        }
        try Tool.require(.slirp)
        try FileTree.makeFolder(spec.scratch)
        let network = ServiceNetwork(id: spec.id, folder: spec.scratch)
        // Of a process that was killed before it could say so.
        try await network.stop()
        var spec = spec
        spec.serves = true
        spec.sandbox.network = false
        spec.sandbox.opensLowPorts = true
        spec.sandbox.mounts += try network.writeFiles(hostName: spec.sandbox.hostname)
        try await create(spec)
        do {
            guard let first = try record(spec.id).processes?.first else {
                throw RucheError(.engineUnavailable, "the container \(spec.id) ended before it was started")
            }
            // While the container waits: it finds its network when it begins.
            try await network.start(of: first, ports: spec.ports, runner: runner)
            try await start(spec.id)
        } catch {
            let id = spec.id
            try? await Task { try await halt(id) }.value  // the first error is the one to report
            throw error
        }
    }

    package nonisolated func entrance(_ id: String) -> InstanceEntrance? {
        InstanceEntrance(program: [Tool.runc.name, "--root", paths.runc.string, "exec"], container: id)
    }

    package func halt(_ id: String) async throws {
        try ContainerID.check(id)
        guard FileTree.exists(paths.folder(id)) else { return }
        // In a task of its own: a cancelled caller must not leave half a container.
        try await Task { try await clear(id, keepsLayer: true) }.value
    }
}
