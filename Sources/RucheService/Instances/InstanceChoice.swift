import RucheBuild
import RucheCore
import RucheEngines
import RucheImages

/// Which engine starts a release, and from what: a machine where it has a disk, unless an engine of containers is named.
struct InstanceChoice: Sendable {
    typealias Chosen = (engine: any InstanceEngine, image: InstanceRecord.Image)

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
            let image =
                engine.capabilities.contains(.machine)
                ? try await required(disk(), "no disk that a machine can be started from here (qcow2 or raw")
                : try await required(container(order), "no container image that \(engine.name) could start (oci")
            try await requireReady(engine)
            return (engine, image)
        }
        if let disk = try await disk(), let engine = first(.machine) {
            try await requireReady(engine)
            return (engine, disk)
        }
        let image = try await required(
            container(order), "nothing that can be started here (a disk as qcow2 or raw, or a container image")
        return (try await firstReady(), image)
    }

    private func first(_ capability: InstanceCapabilities) -> (any InstanceEngine)? {
        configuration.engines.first { $0.capabilities.contains(capability) }
    }

    // MARK: What there is

    private func disk() async throws -> InstanceRecord.Image? {
        let disks = try await release.disks(architecture: configuration.architecture, in: configuration.content)
        let usable: [DiskFormat] = [.qcow2, .raw]
        let disk = usable.lazy.compactMap { format in disks.first { $0.format == format } }.first
        return disk.map { .disk($0.blob, $0.format) }
    }

    private func container(_ order: InstanceOrder) async throws -> InstanceRecord.Image? {
        let reader = ReleaseImageReader(content: configuration.content, architecture: configuration.architecture)
        guard let found = try await reader.find(release) else { return nil }
        return .container(try InstanceContainer(found, recipe, command: order.command, title: title))
    }

    private func required(_ image: InstanceRecord.Image?, _ lack: String) throws -> InstanceRecord.Image {
        if let image { return image }
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
