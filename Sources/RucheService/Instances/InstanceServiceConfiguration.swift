package import Logging
import RucheCore
package import RucheEngines
package import RucheHost
package import RucheImages
package import RucheStore
package import SystemPackage

/// Everything an `InstanceService` needs.
package struct InstanceServiceConfiguration: Sendable {
    /// The data folder; instances live in `<data>/instances/<id>`.
    package var data: FilePath
    package var database: any SQLDatabase
    package var events: DatabaseEventLog
    package var releases: any ReleaseStore
    package var content: any ContentStore
    package var layers: any LayerCache
    /// Those who start machines, and those who start containers in the order in which they are taken.
    package var engines: [any InstanceEngine]
    package var runner: any CommandRunning
    package var logger: Logger
    /// Keeps blobs from collection until what needs them is recorded.
    package var lease: @Sendable () throws -> ContentLease
    /// In the words of OCI.
    package var architecture = "amd64"
    /// What others call this machine.
    package var hostName = "localhost"
    /// Seconds until a start has failed: with processors of their own, and with emulated ones.
    package var timeout = 300
    package var emulationTimeout = 1200
    /// How long a machine that is asked to end may take to, and a container.
    package var grace = Duration.seconds(90)
    package var containerGrace = Duration.seconds(10)
    /// Time between two looks at one.
    package var tick = Duration.milliseconds(500)
    package var now: @Sendable () -> Int64 = SystemTime.milliseconds

    package init(
        data: FilePath, database: any SQLDatabase, events: DatabaseEventLog, releases: any ReleaseStore,
        content: any ContentStore, layers: any LayerCache, engines: [any InstanceEngine], runner: any CommandRunning,
        logger: Logger,
        lease: @escaping @Sendable () throws -> ContentLease
    ) {
        self.data = data
        self.database = database
        self.events = events
        self.releases = releases
        self.content = content
        self.layers = layers
        self.engines = engines
        self.runner = runner
        self.logger = logger
        self.lease = lease
    }

    /// The engine of that name for one kind of instances: LXD runs containers and machines under one name.
    func engine(_ name: String, for kind: InstanceCapabilities) -> (any InstanceEngine)? {
        engines.first { $0.name == name && $0.capabilities.contains(kind) }
    }
}
