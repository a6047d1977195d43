package import RucheCore

/// The engines of a data directory, by the names people gave them.
package struct EngineRegistry: Sendable {
    /// The built-in engine, which needs no settings, and then those of the configuration in their order.
    package let engines: [any Engine]
    /// Those of the configuration that start machines: libvirt's, and LXD's under the names of the engines above.
    package let machines: [any InstanceEngine]
    package let settings: [String: EngineSettings]
    /// The engine of jobs that ask for none.
    package let defaultName: String

    private static let builtIn = EngineSettings(name: "oci-runtime", kind: .ociRuntime)

    /// Throws `invalid_input` for settings that can't be used and for a default that is no engine. An engine that
    /// does not answer is made nevertheless: its jobs wait or fail, the others go on.
    package init(_ settings: [EngineSettings], default chosen: String? = nil, context: EngineContext) throws {
        let first = settings.first { $0.kind == .ociRuntime } ?? Self.builtIn
        let all = [first] + settings.filter { $0.kind != .ociRuntime && $0.kind.runsJobs }
        engines = try all.compactMap { try Self.make($0, context) }
        let virtual = engines.compactMap { ($0 as? LXDEngine).map { LXDMachineEngine($0) } }
        machines = settings.filter { $0.kind == .libvirt }.map { LibvirtEngine($0, context: context) } + virtual
        self.settings = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
        defaultName = chosen ?? first.name
        guard self.settings[defaultName] != nil else {
            if settings.contains(where: { $0.name == defaultName }) {
                throw RucheError(
                    .invalidInput, "default_engine is \"\(defaultName)\", which starts machines and runs no jobs")
            }
            let known = all.map(\.name).joined(separator: ", ")
            throw RucheError(
                .invalidInput, "default_engine is \"\(defaultName)\", which is no engine; there are: \(known)")
        }
    }

    package subscript(name: String) -> (any Engine)? { engines.first { $0.name == name } }
    package var byName: [String: any Engine] { Dictionary(engines.map { ($0.name, $0) }) { first, _ in first } }

    private static func make(_ settings: EngineSettings, _ context: EngineContext) throws -> (any Engine)? {
        switch settings.kind {
        case .ociRuntime:
            return OCIRuntimeEngine(
                data: context.data, runner: context.runner, consoleLogLimit: context.consoleLogLimit)
        case .docker, .podman:
            return try DockerEngine(settings, context: context)
        case .external:
            return ExternalEngine(data: context.data, configuration: ExternalConfiguration(settings, context))
        case .lxd:
            return try LXDEngine(settings, context: context)
        case .libvirt: return nil  // one of `machines`
        }
    }
}
