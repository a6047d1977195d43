package import Logging
package import RucheBuild
package import RucheCore
package import SystemPackage

/// What the services of one data directory need to know.
package struct ServicesConfiguration: Sendable {
    package var data: FilePath
    package var builder: BuilderConfiguration
    /// What builds the Dockerfiles of pipeline packages.
    package var dockerfiles = DockerfileBuilderConfiguration()
    /// Jobs that run side by side.
    package var slots = 2
    /// Engines besides the built-in one, and which of all is used by jobs that ask for none.
    package var engines: [EngineSettings] = []
    package var defaultEngine: String?
    package var version = "0"
    /// Whether webhooks may be on this machine and its networks.
    package var allowsPrivateWebhooks = false
    /// What others call this machine in addresses of what instances publish.
    package var instanceHost = "localhost"
    /// What the site says of itself in records.
    package var records = RecordConfiguration()
    /// What a DOI's registration agency is told of a release.
    package var describeForDOI: @Sendable (CatalogueRecord) -> JSONValue = { _ in [:] }
    package var logger: Logger

    package init(data: FilePath, logger: Logger) {
        self.data = data
        builder = BuilderConfiguration(data: data)
        self.logger = logger
    }
}

extension ServicesConfiguration {
    /// What jobs may take of each engine that the configuration names.
    var capacities: [String: EngineCapacity] {
        engines.reduce(into: [:]) { result, engine in result[engine.name] = engine.capacity(slots: slots) }
    }
}
