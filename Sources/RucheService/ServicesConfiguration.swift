package import Logging
package import RucheBuild
package import SystemPackage

/// What the services of one data directory need to know.
package struct ServicesConfiguration: Sendable {
    package var data: FilePath
    package var builder: BuilderConfiguration
    /// Jobs that run side by side.
    package var slots = 2
    package var version = "0"
    package var logger: Logger

    package init(data: FilePath, logger: Logger) {
        self.data = data
        builder = BuilderConfiguration(data: data)
        self.logger = logger
    }
}
