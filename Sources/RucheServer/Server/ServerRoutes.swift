import Glibc
import Hummingbird
import RucheCore
package import RucheEngines
import RucheWire

/// What the server is: versions, engines, and the description of its own API.
package struct ServerRoutes: Sendable {
    private let version: String
    private let engines: [any Engine]

    package init(version: String, engines: [any Engine]) {
        self.version = version
        self.engines = engines
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
                var documents: [EngineDocument] = []
                for engine in engines {
                    let findings = await engine.check()
                    documents.append(
                        EngineDocument(
                            name: engine.name, kind: engine.kind, ready: findings.isEmpty,
                            capabilities: engine.capabilities.names,
                            findings: findings.map {
                                [$0.message, $0.remedy].compactMap(\.self).joined(separator: ": ")
                            }))
                }
                return try .json(documents)
            },
        ]
    }
}
