import Glibc
import Hummingbird
import RucheCore
package import RucheEngines
import RucheWire

/// What the server is: versions, engines, and the description of its own API.
package struct ServerRoutes: Sendable {
    private let version: String
    private let engines: [any Engine]
    /// Those of instances, the engines above among them by their names.
    private let starters: [any InstanceEngine]

    package init(version: String, engines: [any Engine], starters: [any InstanceEngine] = []) {
        self.version = version
        self.engines = engines
        self.starters = starters
    }

    /// Features a client may look for before it uses them.
    package static let features = [
        "builds", "catalogue", "events", "files", "jobs", "maintenance", "operations", "pipelines", "uploads",
    ]

    package var routes: [Route] {
        [
            Route(
                .get, "/api", access: .anyone,
                RouteDocumentation("Tells the versions and features of this API.", response: "VersionsDocument")
            ) { _, _ in try .json(VersionsDocument(versions: ["v1"], features: Self.features)) },
            Route(
                .get, "/api/v1/server", access: .right(.read),
                RouteDocumentation("Tells what runs here.", response: "ServerDocument")
            ) { _, _ in try .json(ServerDocument(version: version, pid: getpid())) },
            Route(
                .get, "/api/v1/engines", access: .right(.read),
                RouteDocumentation(
                    "Lists the engines, what they can do and what they lack.", response: "[EngineDocument]")
            ) { _, _ in
                try .json(await documents())
            },
        ]
    }

    private func documents() async -> [EngineDocument] {
        var documents: [EngineDocument] = []
        for engine in engines {
            let findings = await engine.check()
            var document = EngineDocument(
                name: engine.name, kind: engine.kind, ready: findings.isEmpty, capabilities: engine.capabilities.names,
                findings: Self.texts(findings))
            let own = starters.filter { $0.name == engine.name }
            if !own.isEmpty {
                document.instances = own.reduce(into: InstanceCapabilities()) { $0.formUnion($1.capabilities) }.names
                if findings.isEmpty { document.instanceFindings = Self.texts(await Self.lacks(engine, own)) }
            }
            documents.append(document)
        }
        for starter in starters where !engines.contains(where: { $0.name == starter.name }) {
            let findings = await starter.check()
            var document = EngineDocument(
                name: starter.name, kind: starter.kind, ready: findings.isEmpty, capabilities: [],
                findings: Self.texts(findings))
            document.instances = starter.capabilities.names
            documents.append(document)
        }
        return documents
    }

    /// What an engine that is ready for jobs lacks for instances.
    private static func lacks(_ engine: any Engine, _ starters: [any InstanceEngine]) async -> [EngineFinding] {
        var findings = await engine.serviceFindings()
        for starter in starters where starter.capabilities.contains(.machine) {
            findings += await starter.check().filter { !findings.contains($0) }
        }
        return findings
    }

    private static func texts(_ findings: [EngineFinding]) -> [String] {
        findings.map { [$0.message, $0.remedy].compactMap(\.self).joined(separator: ": ") }
    }
}
