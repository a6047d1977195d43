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
            guard let engine = configuration.engines.first(where: { $0.name == wanted }) else {
                let known = configuration.engines.map(\.name).joined(separator: ", ")
                throw RucheError(
                    .unsupported,
                    "there is no engine \"\(wanted.prefix(80))\" for instances: use one of \(known)"
                        + (EngineSettings.Kind(rawValue: wanted) == nil
                            ? "" : ", or name it under \"engines\" in the configuration"))
            }
            let source =
                engine.capabilities.contains(.machine)
                ? try await required(diskOrBox(), "no disk that a machine can be started from here (\(Self.usable)")
                : try await required(container(order), "no container image that \(engine.name) could start (oci")
            try await requireReady(engine)
            return (engine, source)
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
        let source = try required(
            image, "nothing that can be started here (a disk as \(Self.usable), or a container image")
        return (try await firstReady(), source)
    }

    private func first(_ capability: InstanceCapabilities) -> (any InstanceEngine)? {
        configuration.engines.first { $0.capabilities.contains(capability) }
    }

    // MARK: What there is

    private static let usable = "qcow2, raw or a Vagrant box"

    private func disk() async throws -> Source? {
        let disks = try await release.disks(architecture: configuration.architecture, in: configuration.content)
        let usable: [DiskFormat] = [.qcow2, .raw]
        let disk = usable.lazy.compactMap { format in disks.first { $0.format == format } }.first
        return disk.map { Source(image: .disk($0.blob, $0.format)) }
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

    private func required(_ source: Source?, _ lack: String) throws -> Source {
        if let source { return source }
        throw RucheError(
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
