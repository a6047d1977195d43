import Glibc
package import RucheCore
import RucheHost
import SystemPackage

/// Instances that are containers, by any engine that runs containers which serve.
package struct ContainerInstanceEngine: InstanceEngine {
    private let engine: any Engine
    package let capabilities: InstanceCapabilities = [.container, .share, .publish]

    /// Processes and threads of one that says nothing about it.
    private static let processes = 4096
    private static let prefix = "ruche-instance-"

    /// Nil for an engine that runs jobs only.
    package init?(_ engine: any Engine) {
        guard engine.capabilities.contains(.services) else { return nil }
        self.engine = engine
    }

    package var name: String { engine.name }
    package var kind: String { engine.kind }

    package func acceleration() async -> InstanceAcceleration? { nil }

    package func check() async -> [EngineFinding] {
        let findings = await engine.check()
        return findings.isEmpty ? await engine.serviceFindings() : findings
    }

    /// The name that the engine knows an instance's container by.
    package static func container(_ id: Identifier) -> String { prefix + id.description }

    // MARK: Life

    /// The engine makes the container at the first start.
    package func create(_ spec: InstanceSpec) async throws {
        guard case .container = spec.image else {
            throw RucheError(.unsupported, "the engine \(name) runs containers, not machines: use qemu")
        }
        try FileTree.makeFolder(scratch(spec), permissions: 0o711)
    }

    package func start(_ spec: InstanceSpec) async throws {
        guard case .container(let service) = spec.image else { return try await create(spec) }
        for share in spec.shares where !FileTree.isFolder(FilePath(share.source)) {
            throw RucheError(.invalidInput, "the shared folder \(share.source) is not there any more")
        }
        var container = ContainerSpec(
            id: Self.container(spec.id), image: service.image, scratch: scratch(spec), sandbox: service.sandbox)
        container.sandbox.hostname = spec.name
        container.sandbox.limits.cpus = Double(spec.cpus)
        container.sandbox.limits.memory = spec.memory
        container.sandbox.limits.processes = service.sandbox.limits.processes ?? Self.processes
        container.sandbox.mounts += spec.shares.map {
            SandboxSpec.Mount(source: FilePath($0.source), destination: $0.target, readOnly: false)
        }
        (container.serves, container.ports) = (true, spec.ports)
        try await engine.serve(container)
    }

    package func isRunning(_ spec: InstanceSpec) async -> Bool {
        do {
            switch try await engine.state(Self.container(spec.id)) {
            case .running, .paused: return true
            case .created, .exited, .absent: return false
            }
        } catch let error as RucheError where error.code == .notFound {
            return false
        } catch {
            // An engine that does not answer, or a server that stops just now: nobody may take it for ended.
            return true
        }
    }

    package func ending(_ spec: InstanceSpec) async -> String? {
        guard case .exited(let exit)? = try? await engine.state(Self.container(spec.id)) else { return nil }
        if let lost = exit.lost { return lost }
        if exit.outOfMemory { return "it needed more memory than it may have" }
        return "its command ended with exit code \(exit.code)"
    }

    package func powerDown(_ spec: InstanceSpec) async throws {
        try await engine.signal(Self.container(spec.id), spec.stopSignal)
    }

    package func kill(_ spec: InstanceSpec) async throws { try await engine.halt(Self.container(spec.id)) }

    package func delete(_ spec: InstanceSpec) async throws { try await engine.delete(Self.container(spec.id)) }

    package func held() async throws -> [Identifier] {
        try await engine.list().filter { $0.hasPrefix(Self.prefix) }.compactMap {
            Identifier(String($0.dropFirst(Self.prefix.count)))
        }
    }

    package func entrance(_ spec: InstanceSpec) -> InstanceEntrance? { engine.entrance(Self.container(spec.id)) }

    private func scratch(_ spec: InstanceSpec) -> FilePath { spec.folder.appending(InstanceSpec.containerFolder) }
}
