package import RucheCore

extension Engine {
    package func serviceFindings() async -> [EngineFinding] {
        guard !capabilities.contains(.services) else { return [] }
        return [EngineFinding(message: "the engine \"\(name)\" runs jobs only", remedy: "name another engine")]
    }

    package func serve(_ spec: ContainerSpec) async throws { throw runsNoServices() }

    package func halt(_ id: String) async throws { throw runsNoServices() }

    package func entrance(_ id: String) -> InstanceEntrance? { nil }

    private func runsNoServices() -> RucheError {
        RucheError(.unsupported, "the engine \"\(name)\" runs jobs only: name another one", details: ["engine": name])
    }
}

extension PortPublication {
    /// Said when somebody has it.
    func taken() -> RucheError {
        RucheError(
            .inUse, "port \(host) of \(address) is taken: publish another one",
            details: ["port": "\(host)", "address": address])
    }
}
