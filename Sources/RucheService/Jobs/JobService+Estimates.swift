import RucheCore
import RucheStore

extension JobService {
    /// Finished jobs that are looked through for earlier runs of a pipeline, and runs kept of each.
    private static let search = 500
    private static let runs = 20

    /// When a running job may be over, in milliseconds since 1970; nil when nothing is known, or it takes longer than
    /// anybody thought.
    package func estimatedEnd(_ record: JobRecord) async -> Int64? {
        guard record.state == .running else { return nil }
        return estimatedEnd(record, earlier: await earlierRuns(record.pipeline))
    }

    /// The same from what is known already.
    func estimatedEnd(_ record: JobRecord, earlier: [ProgressEstimate.Run]) -> Int64? {
        guard record.state == .running, let job = active[record.id], let started = job.runningSince else { return nil }
        let estimate = ProgressEstimate(inputBytes: record.inputs.reduce(0) { $0 + $1.size }, earlier: earlier)
        let ran = (configuration.instant() - started).seconds
        let seen = record.progress == nil ? nil : job.progressSince.map { ($0 - started).seconds }
        guard let seconds = estimate.seconds(elapsed: max(0, seen ?? ran), fraction: record.progress), seconds < 1e9,
            seconds > ran
        else { return nil }
        return configuration.now() + Int64(((seconds - ran) * 1000).rounded())
    }

    @discardableResult
    func earlierRuns(_ pipeline: String) async -> [ProgressEstimate.Run] {
        if let known = runTimes[pipeline] { return known }
        let rows = try? await configuration.database.read { connection in
            try JobRepository(connection).jobs(before: nil, state: JobState.succeeded.rawValue, limit: Self.search)
        }
        if runTimes.count >= 1000 { runTimes = [:] }
        // An estimate is worth no failure: without the table there is only the job's own progress.
        let records = (rows ?? []).compactMap { try? JobRecord(row: $0) }.filter { $0.pipeline == pipeline }
        let runs = records.compactMap(\.run).prefix(Self.runs)
        runTimes[pipeline] = Array(runs)
        return Array(runs)
    }

    /// Keeps the time of a job that ended well, for the next of its pipeline.
    func learn(_ record: JobRecord) {
        guard let run = record.run, let known = runTimes[record.pipeline] else { return }
        runTimes[record.pipeline] = [run] + known.prefix(Self.runs - 1)
    }
}

extension JobRecord {
    /// `owner/name`: what versions of a pipeline have in common.
    var pipeline: String { String(release.prefix { $0 != ":" && $0 != "@" }) }

    /// The run, when it went well.
    var run: ProgressEstimate.Run? {
        guard state == .succeeded, let startedAt, let endedAt, ranSeconds != nil || endedAt >= startedAt else {
            return nil
        }
        let seconds = ranSeconds ?? Double(endedAt - startedAt) / 1000
        return .init(seconds: seconds, inputBytes: inputs.reduce(0) { $0 + $1.size })
    }
}
