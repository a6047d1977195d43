import Glibc
package import RucheCore
import RucheEngines
import RucheHost
import RucheStore
package import SystemPackage

/// What a running job uses now.
package struct JobStats: Hashable, Sendable {
    package var cpuNanoseconds: UInt64
    /// CPUs in use over the time since the last look at it, at least half a second and at most a minute.
    package var cpus: Double?
    package var memoryBytes: UInt64
    package var memoryPeakBytes: UInt64
    package var memoryLimitBytes: UInt64?
    package var processes: UInt64
    package var readBytes: UInt64
    package var writtenBytes: UInt64
    /// Bytes under outputs, logs and the private layer.
    package var diskBytes: Int64

    init(_ stats: ContainerStats, cpus: Double?, diskBytes: Int64) {
        cpuNanoseconds = stats.cpuNanoseconds
        memoryBytes = stats.memoryBytes
        memoryPeakBytes = stats.memoryPeakBytes
        memoryLimitBytes = stats.memoryLimitBytes
        processes = stats.processes
        readBytes = stats.readBytes
        writtenBytes = stats.writtenBytes
        self.cpus = cpus
        self.diskBytes = diskBytes
    }
}

extension JobService {
    /// Throws `not_found`.
    package func job(_ id: Identifier) async throws -> JobRecord {
        if let record = active[id]?.record { return record }
        let row = try await configuration.database.read { try JobRepository($0).job(id.description) }
        // It may have ended meanwhile, or begun.
        if let record = active[id]?.record { return record }
        guard let row else {
            throw RucheError(.notFound, "there is no job \(id)", details: ["job": id.description])
        }
        return try JobRecord(row: row)
    }

    /// Newest first, older than `cursor`, of `owners`, and of one state when it is given.
    package func jobs(
        before cursor: Identifier? = nil, limit: Int, state: JobState? = nil, owners: OwnerSelection = .all
    ) async throws -> [JobRecord] {
        let rows = try await configuration.database.read { connection in
            try JobRepository(connection).jobs(
                before: cursor?.description, state: state?.rawValue, owners: owners.names, limit: limit)
        }
        return try rows.map { try JobRecord(row: $0) }.map { active[$0.id]?.record ?? $0 }
    }

    /// Releases that jobs need which are not final: their layers and blobs must stay.
    package func releasesInUse() -> Set<Digest> { Set(active.values.map(\.record.releaseDigest)) }

    package nonisolated func folder(_ id: Identifier) -> JobFolder { JobFolder(data: configuration.data, id: id) }

    /// Lines of the console; with `follow` until the job is over, or until `isGone` says that nobody reads on.
    package func logs(
        _ id: Identifier, _ selection: LogSelection = LogSelection(), follow: Bool,
        isGone: @escaping @Sendable () -> Bool = { false }
    ) async throws -> AsyncThrowingStream<ConsoleLine, any Error> {
        _ = try await job(id)
        return ConsoleLogReader(folder: folder(id)).lines(selection, follow: follow) {
            if isGone() { return true }
            return try await self.isOver(id)
        }
    }

    private func isOver(_ id: Identifier) async throws -> Bool {
        if let record = active[id]?.record { return record.state.isFinal }
        return true
    }

    /// Shortest time that CPU use is reckoned over: several of the kernel's periods (100 ms) of a CPU limit.
    private static let shortestSample = Duration.milliseconds(500)
    /// A look longer ago says nothing of what happens now.
    private static let longestSample = Duration.seconds(60)

    /// Throws `invalid_state` for a job that does not run, `unsupported` when the engine has no figures. Takes half
    /// a second when nobody looked at the job in the minute before.
    package func stats(_ id: Identifier) async throws -> JobStats {
        let record = try await job(id)
        guard record.state == .running || record.state == .paused else {
            throw RucheError(
                .invalidState, "job \(id) is \(record.state.rawValue): only a running job has figures",
                details: ["state": record.state.rawValue])
        }
        let engine = try engine(record.engine)
        guard engine.capabilities.contains(.stats) else {
            throw RucheError(.unsupported, "the engine \"\(record.engine)\" has no figures of jobs")
        }
        let before = try await sample(id, engine, record.container)
        let stats = try await engine.stats(record.container)
        active[id]?.sample = stats
        var cpus: Double?
        if stats.takenAt > before.takenAt, stats.cpuNanoseconds >= before.cpuNanoseconds {
            let nanoseconds = (stats.takenAt - before.takenAt).seconds * 1e9
            cpus = Double(stats.cpuNanoseconds - before.cpuNanoseconds) / nanoseconds
        }
        return JobStats(stats, cpus: cpus, diskBytes: try await JobMonitor.diskUsage(folder(id)).bytes)
    }

    /// An earlier look at a job that a rate can be reckoned from, now or after a wait.
    private func sample(
        _ id: Identifier, _ engine: any Engine, _ container: String
    ) async throws -> ContainerStats {
        if let known = active[id]?.sample {
            let age = ContinuousClock.now - known.takenAt
            if age >= Self.shortestSample, age <= Self.longestSample { return known }
        }
        let stats = try await engine.stats(container)
        try await Task.sleep(for: Self.shortestSample)
        return stats
    }

    /// A file that a final job wrote, by its path below `outputs`. Throws `not_found`.
    package func outputFile(_ id: Identifier, path: String) async throws -> (file: FilePath, output: JobOutput) {
        let record = try await job(id)
        // Only what was recorded is served, so no path can lead elsewhere.
        guard let output = record.outputs.first(where: { $0.path == path }) else {
            let hint = record.state.isFinal ? "" : ": outputs are known once the job is over"
            throw RucheError(.notFound, "job \(id) has no output \"\(path)\"\(hint)", details: ["path": path])
        }
        return (folder(id).outputs.pushing(FilePath(path)), output)
    }

    /// The bytes of `run.json`. Throws `not_found` before the job is over.
    package func runRecordBytes(_ id: Identifier) async throws -> [UInt8] {
        let record = try await job(id)
        guard record.state.isFinal else {
            throw RucheError(
                .notFound, "job \(id) is \(record.state.rawValue): its record is written when it is over")
        }
        do {
            return try AtomicFile.read(folder(id).record)
        } catch Errno.noSuchFileOrDirectory {
            throw RucheError(.notFound, "the record of job \(id) is not in \(folder(id).root)")
        }
    }

    func runRecord(_ id: Identifier) async throws -> RunRecord {
        let bytes = try await runRecordBytes(id)
        do {
            return try JSONText.decode(RunRecord.self, bytes)
        } catch {
            throw RucheError(.corruptContent, "the record \(folder(id).record) can't be read", cause: error)
        }
    }
}
