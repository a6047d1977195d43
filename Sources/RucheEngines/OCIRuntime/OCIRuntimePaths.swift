import SystemPackage

/// Where the engine keeps what it needs, below the data directory.
struct OCIRuntimePaths: Sendable {
    let data: FilePath

    private var engine: FilePath { data.appending("run/oci") }
    /// What runc itself keeps of each container.
    var runc: FilePath { engine.appending("runc") }
    /// One folder for each container: bundle, record, exit status.
    var containers: FilePath { engine.appending("containers") }

    func folder(_ id: String) -> FilePath { containers.appending(id) }
    func record(_ id: String) -> FilePath { folder(id).appending("record.json") }
    /// How the container ended, once the engine has found out.
    func exit(_ id: String) -> FilePath { folder(id).appending("exit.json") }
    /// When the container was started, in seconds on the clock of `MachineClock`.
    func started(_ id: String) -> FilePath { folder(id).appending("started") }
    /// Made by the engine before it ends a container at its time limit.
    func timeOut(_ id: String) -> FilePath { folder(id).appending("time-out") }
    /// What conmon writes when the container's first process has ended: its status in decimal digits.
    func status(_ id: String) -> FilePath { folder(id).appending("status/\(id)") }
    /// A file that conmon makes when the kernel reports an out-of-memory kill.
    func outOfMemory(_ id: String) -> FilePath { folder(id).appending("oom") }
    func conmonPID(_ id: String) -> FilePath { folder(id).appending("conmon.pid") }
    func conmonBarrier(_ id: String) -> FilePath { folder(id).appending("conmon.start") }
    func conmonMessage(_ id: String) -> FilePath { folder(id).appending("conmon.message") }
    func conmonLog(_ id: String) -> FilePath { folder(id).appending("conmon.log") }
    func runcLog(_ id: String) -> FilePath { folder(id).appending("runc.log") }
    /// runc's container waits until somebody opens this for reading.
    func startGate(_ id: String) -> FilePath { runc.appending("\(id)/exec.fifo") }
}
