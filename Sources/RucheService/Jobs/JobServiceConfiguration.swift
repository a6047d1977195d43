package import Logging
package import RucheCore
package import RucheEngines
package import RucheImages
package import RucheStore
package import SystemPackage

/// Everything a `JobService` needs.
package struct JobServiceConfiguration: Sendable {
    /// The data folder; jobs live in `<data>/jobs/<id>`.
    package var data: FilePath
    package var database: any SQLDatabase
    package var events: DatabaseEventLog
    package var releases: any ReleaseStore
    package var content: any ContentStore
    package var layers: any LayerCache
    package var engines: [String: any Engine]
    package var logger: Logger

    package var defaultEngine = "oci-runtime"
    /// Jobs that run side by side on an engine that `capacities` does not name.
    package var slots = 1
    /// What jobs may take of each engine, by its name.
    package var capacities: [String: EngineCapacity] = [:]
    /// How long jobs wait for an engine that went away, and how often it is asked.
    package var engineWait = Duration.seconds(3600)
    package var engineProbe = Duration.seconds(2)
    /// Limits of jobs whose request and recipe give none.
    package var defaultLimits = ResourceLimits(processes: 4096)
    /// Folder that holds `notify.sock`, the socket of a listener that serves only the notify route. It is
    /// mounted as `/run/ruche`, so the socket may be made again while jobs run. Nil: jobs can't post.
    package var notifyFolder: FilePath?
    /// User of jobs whose image names none, or names root.
    package var defaultUser: (uid: UInt32, gid: UInt32) = (65534, 65534)
    /// Bytes that the engine keeps of a console.
    package var consoleLimit = ByteCount(256 << 20)
    /// Time between TERM and KILL.
    package var grace = Duration.seconds(10)
    /// Time between two looks at a running job (progress, time, disk).
    package var tick = Duration.milliseconds(500)
    /// Version of this program, for run records.
    package var version = "0"
    package var now: @Sendable () -> Int64 = SystemTime.milliseconds
    /// What limits and estimates are counted by: nobody sets it.
    package var instant: @Sendable () -> ContinuousClock.Instant = { .now }

    package init(
        data: FilePath, database: any SQLDatabase, events: DatabaseEventLog, releases: any ReleaseStore,
        content: any ContentStore, layers: any LayerCache, engines: [String: any Engine], logger: Logger
    ) {
        self.data = data
        self.database = database
        self.events = events
        self.releases = releases
        self.content = content
        self.layers = layers
        self.engines = engines
        self.logger = logger
    }
}
