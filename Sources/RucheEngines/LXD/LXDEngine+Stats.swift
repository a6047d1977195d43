import RucheCore
import RucheHost
import SystemPackage

extension LXDEngine {
    /// From the container's control group where it is on this machine: LXD's own figures count page cache as memory
    /// in use and know no transfers.
    package func stats(_ id: String) async throws -> ContainerStats {
        try LXDName.check(id)
        guard let instance = try await find(id) else { throw missing(id) }
        let state = try await client.state(id)
        var stats = ContainerStats()
        if let usage = usage(of: state, id) {
            stats = ContainerStats(
                cpuNanoseconds: usage.cpuNanoseconds, memoryBytes: usage.memoryBytes,
                memoryPeakBytes: usage.memoryPeakBytes, processes: usage.processes, readBytes: usage.readBytes,
                writtenBytes: usage.writtenBytes, takenAt: usage.takenAt)
        } else {
            stats.cpuNanoseconds = UInt64(max(0, state.cpu?.usage ?? 0))
            stats.memoryBytes = UInt64(max(0, state.memory?.usage ?? 0))
            stats.memoryPeakBytes = max(UInt64(max(0, state.memory?.usage_peak ?? 0)), stats.memoryBytes)
            stats.processes = UInt64(max(0, state.processes ?? 0))
        }
        // The script that began it is no process of the job.
        stats.processes -= min(1, stats.processes)
        stats.memoryLimitBytes = instance.config["limits.memory"].flatMap { UInt64($0) }
        return stats
    }

    /// Nil when another machine runs the container.
    private func usage(of state: LXDAPI.State, _ id: String) -> ControlGroupUsage? {
        guard let pid = state.pid, pid > 1,
            let text = try? AtomicFile.read(FilePath("/proc/\(pid)/cgroup"), limit: 1 << 20)
        else { return nil }
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            guard let path = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).last else {
                continue
            }
            let parts = path.split(separator: "/")
            // Instances of another project than the first have its name before theirs.
            guard let index = parts.firstIndex(where: { $0.hasPrefix("lxc.payload.") && $0.hasSuffix(id) }) else {
                continue
            }
            let group = try? ControlGroup(name: "/" + parts[...index].joined(separator: "/"))
            return group?.usage()
        }
        return nil
    }
}
