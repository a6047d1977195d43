import ArgumentParser
import RucheCore

/// Options that bound what a job may use; the rest is as the release says.
struct LimitOptions: ParsableArguments {
    @Option(help: "CPUs, such as 2 or 0.5.", transform: Arguments.cpus)
    var cpus: Double?

    @Option(help: ArgumentHelp("Memory, such as 512M or 2G.", valueName: "size"), transform: Arguments.size)
    var memory: ByteCount?

    @Option(help: "Processes and threads together.")
    var processes: Int?

    @Option(help: ArgumentHelp("Disk, such as 10G.", valueName: "size"), transform: Arguments.size)
    var disk: ByteCount?

    @Option(help: ArgumentHelp("Wall time, such as 90s, 15m or 2h.", valueName: "time"), transform: Arguments.time)
    var time: Int?

    func validate() throws {
        if let processes, processes < 1 { throw ValidationError("--processes must be at least 1") }
    }

    /// Nil when nothing is bounded here.
    var value: ResourceLimits? {
        let limits = ResourceLimits(cpus: cpus, memory: memory, processes: processes, disk: disk, time: time)
        return limits == ResourceLimits() ? nil : limits
    }
}
