import Logging
package import RucheCore
import RucheEngines
import RucheHost
import RucheStore
package import SystemPackage

extension JobService {
    /// Looks at what a job uses until its task is cancelled, and keeps the series in the job's folder.
    @concurrent nonisolated func measure(_ id: Identifier) async {
        guard let record = try? await job(id) else { return }  // its end does not wait for this
        await earlierRuns(record.pipeline)
        guard let engine = try? await engine(record.engine),
            engine.capabilities.contains(.stats)
        else { return }  // it has no figures
        let file = UsageFile(folder(id))
        await take(file.read(), id)
        while !Task.isCancelled {
            do { try await Task.sleep(for: .seconds(await pause(id))) } catch { return }
            // A container that just ended, or an engine that is away for a moment: the next look may see it again.
            guard let stats = try? await engine.stats(record.container), !Task.isCancelled,
                let series = await add(stats, id)
            else { continue }
            do {
                try file.write(series)
            } catch {
                logger.debug("can't keep figures of a job", metadata: ["job": "\(id)", "error": "\(error)"])
            }
        }
    }

    private func take(_ series: UsageSeries, _ id: Identifier) { active[id]?.usage = series }

    private func pause(_ id: Identifier) -> Double { active[id]?.usage.pause ?? 5 }

    @discardableResult
    private func add(_ stats: ContainerStats, _ id: Identifier) -> UsageSeries? {
        guard var series = active[id]?.usage else { return nil }
        let age = Int64((ContinuousClock.now - stats.takenAt).seconds * 1000)
        var point = UsagePoint(
            time: configuration.now() - age, cpuSeconds: Double(stats.cpuNanoseconds) / 1e9,
            memoryBytes: stats.memoryBytes, memoryPeakBytes: stats.memoryPeakBytes, readBytes: stats.readBytes,
            writtenBytes: stats.writtenBytes)
        if let last = series.points.last {
            // An engine that tells nothing of a container that ended, and a clock that jumps.
            guard point.cpuSeconds >= last.cpuSeconds else { return nil }
            point.time = max(point.time, last.time)
            let seconds = Double(point.time - last.time) / 1000
            if seconds > 0 { point.cpus = (point.cpuSeconds - last.cpuSeconds) / seconds }
        }
        series.append(point)
        active[id]?.usage = series
        return series
    }

    /// What a job that is over used in all. A short one is looked at once more, while its container is still there.
    func finalUsage(_ record: JobRecord) async -> JobUsage? {
        if active[record.id]?.usage.points.isEmpty == true {
            active[record.id]?.usage = UsageFile(folder(record.id)).read()
        }
        if active[record.id]?.usage.points.isEmpty == true, record.startedAt != nil,
            let engine = try? engine(record.engine),
            engine.capabilities.contains(.stats), let stats = try? await engine.stats(record.container),
            stats.cpuNanoseconds > 0, let series = add(stats, record.id)
        {
            try? UsageFile(folder(record.id)).write(series)  // the summary is in the record
        }
        return active[record.id]?.usage.summary(started: record.startedAt)
    }

    /// What a job used over its time. Throws `not_found` for no such job.
    package func usage(_ id: Identifier) async throws -> (record: JobRecord, series: UsageSeries) {
        let record = try await job(id)
        return (record, active[id]?.usage ?? UsageFile(folder(id)).read())
    }

    /// Where the console is; nil when the job wrote nothing yet. Throws `not_found` for no such job.
    package func console(_ id: Identifier) async throws -> FilePath? {
        _ = try await job(id)
        return [folder(id).liveConsole, folder(id).console].first { FileTree.exists($0) }
    }
}
