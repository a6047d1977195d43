import RucheBuild
import RucheCore
import RucheEngines
import RucheImages

/// Which engine starts a release, and from what: a machine where it has a disk, unless an engine of containers is named.
/// A disk that is in a Vagrant box is the last choice.
struct InstanceChoice: Sendable {
    /// What an instance is made of. A disk that is in a box yet is named as the box, and taken out of it later.
    struct Source: Sendable {
        var image: InstanceRecord.Image
        var box: Digest?
    }
    typealias Chosen = (engine: any InstanceEngine, source: Source)

    let configuration: InstanceServiceConfiguration
    let release: Release
    let recipe: Recipe?

    private var title: String { "\(release.name):\(release.version)" }

    /// The engine is ready. Throws `unsupported` for what it can't start, `missing_tool` for one that is not ready.
    func choose(_ order: InstanceOrder) async throws -> Chosen {
        if let wanted = order.engine {
            let chosen = try await source(for: wanted, order)
            try await requireReady(chosen.engine)
            return chosen
        }
        if let disk = try await disk(), let engine = first(.machine) {
            try await requireReady(engine)
            return (engine, disk)
        }
        let image = try await container(order)
        if image == nil, let box = try await box(), let engine = first(.machine) {
            try await requireReady(engine)
            return (engine, box)
        }
        guard let image else {
            throw lacking("nothing that can be started here (a disk as \(Self.usable), or a container image")
        }
        return (try await firstReady(), image)
    }

    /// For an engine that runs both, a container where the release has an image for one, unless the order says what only
    /// machines have.
    private func source(for wanted: String, _ order: InstanceOrder) async throws -> Chosen {
        let machines = configuration.engine(wanted, for: .machine)
        let containers = configuration.engine(wanted, for: .container)
        if let containers, machines == nil || !order.isOfMachine, let image = try await container(order) {
            return (containers, image)
        }
        let image = "no container image that \(wanted) could start (oci"
        guard let machines else {
            guard containers == nil else { throw lacking(image) }
            throw unknown(wanted)
        }
        if let disk = try await diskOrBox() { return (machines, disk) }
        throw lacking(
            containers == nil || order.isOfMachine
                ? "no disk that a machine can be started from here (\(Self.usable)" : "\(image), or \(Self.usable)")
    }

    private func unknown(_ wanted: String) -> RucheError {
        var known: [String] = []
        for engine in configuration.engines where !known.contains(engine.name) { known.append(engine.name) }
        return RucheError(
            .unsupported,
            "there is no engine \"\(wanted.prefix(80))\" for instances: use one of \(known.joined(separator: ", "))"
                + (EngineSettings.Kind(rawValue: wanted) == nil
                    ? "" : ", or name it under \"engines\" in the configuration"))
    }

    private func first(_ capability: InstanceCapabilities) -> (any InstanceEngine)? {
        configuration.engines.first { $0.capabilities.contains(capability) }
    }

    // MARK: What there is

    private static let usable = "qcow2, raw, lxd-vm or a Vagrant box"

    private func disk() async throws -> Source? {
        let disks = try await release.disks(architecture: configuration.architecture, in: configuration.content)
        let usable: [DiskFormat] = [.qcow2, .raw]
        let disk = usable.lazy.compactMap { format in disks.first { $0.format == format } }.first
        if let disk { return Source(image: .disk(disk.blob, disk.format)) }
        let machines = try await release.lxdMachines(
            architecture: configuration.architecture, in: configuration.content)
        return machines.first.map { Source(image: .disk($0, .qcow2)) }
    }

    private func box() async throws -> Source? {
        let boxes = try await release.boxes(architecture: configuration.architecture, in: configuration.content)
        return boxes.first.map { Source(image: .disk($0, .qcow2), box: $0) }
    }

    private func diskOrBox() async throws -> Source? {
        if let disk = try await disk() { return disk }
        return try await box()
    }

    private func container(_ order: InstanceOrder) async throws -> Source? {
        let reader = ReleaseImageReader(content: configuration.content, architecture: configuration.architecture)
        guard let found = try await reader.find(release) else { return nil }
        return Source(
            image: .container(try InstanceContainer(found, recipe, command: order.command, title: title)))
    }

    private func lacking(_ lack: String) -> RucheError {
        RucheError(
            .unsupported, "\(title) has \(lack) for \(configuration.architecture)); it has \(Self.variants(release))",
            details: ["release": title])
    }

    private static func variants(_ release: Release) -> String {
        let names = release.index.manifests.map { manifest in
            let format =
                manifest.annotations?[Annotation.diskFormat] ?? manifest.artifactType.map { "\($0)" } ?? "oci"
            return format + (manifest.platform.map { " for \($0.architecture)" } ?? "")
        }
        return names.isEmpty ? "no variant at all" : names.joined(separator: ", ")
    }

    // MARK: What is ready

    private func firstReady() async throws -> any InstanceEngine {
        var problems: [Problem] = []
        for engine in configuration.engines where engine.capabilities.contains(.container) {
            let findings = await engine.check()
            if findings.isEmpty { return engine }
            problems += Self.problems(engine, findings)
        }
        throw RucheError(.missingTool, "no engine is ready that could start a container", problems: problems)
    }

    private func requireReady(_ engine: any InstanceEngine) async throws {
        let findings = await engine.check()
        guard let first = findings.first else { return }
        throw RucheError(
            .missingTool, "the engine \"\(engine.name)\" is not ready: \(first.message)",
            details: ["engine": engine.name], problems: Self.problems(engine, findings))
    }

    private static func problems(_ engine: any InstanceEngine, _ findings: [EngineFinding]) -> [Problem] {
        findings.map { Problem(path: "engine", message: $0.message, found: engine.name, allowed: $0.remedy) }
    }
}
