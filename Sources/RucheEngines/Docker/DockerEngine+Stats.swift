import RucheCore

extension DockerEngine {
    package func stats(_ id: String) async throws -> ContainerStats {
        let container = try await container(id)
        let found = try await figures(id)
        let memory = found.memory_stats
        let idle = memory?.stats?["total_inactive_file"] ?? memory?.stats?["inactive_file"] ?? 0
        let used = memory?.usage ?? 0
        var stats = ContainerStats(
            cpuNanoseconds: found.cpu_stats?.cpu_usage?.total_usage ?? 0, memoryBytes: used - min(idle, used),
            processes: found.pids_stats?.current ?? 0)
        if let limit = container.HostConfig?.Memory, limit > 0 { stats.memoryLimitBytes = UInt64(limit) }
        let told = try await quirks().hidesMemoryPeak ? nil : memory?.max_usage
        peaks[id] = max(peaks[id] ?? 0, told ?? 0, used)
        stats.memoryPeakBytes = peaks[id] ?? used
        for transfer in found.blkio_stats?.io_service_bytes_recursive ?? [] {
            switch transfer.op.lowercased() {
            case "read": stats.readBytes += transfer.value
            case "write": stats.writtenBytes += transfer.value
            default: break
            }
        }
        return stats
    }

    private func figures(_ id: String) async throws -> DockerAPI.Stats {
        do { return try await client.stats(id) } catch {
            // Podman fails over one that ends just then.
            guard try await !container(id).State.runs else { throw error }
            return DockerAPI.Stats()
        }
    }
}
