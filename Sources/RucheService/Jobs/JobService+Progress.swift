package import RucheCore

extension JobService {
    /// Takes a notification of a job's container: `token` is what its token file holds.
    ///
    /// Throws `unauthorized` for a wrong token and for a job that does not exist, alike. A payload that tells
    /// nothing known, and one that comes after the end, change nothing. No payload ever changes the state.
    /// Throws `too_many_requests` when they come too fast. What was told is kept all the same, so that the last word
    /// of a job that does not listen is never lost; it costs no more than the newest value.
    package func notify(_ id: Identifier, token: String?, payload: JSONValue) async throws -> JobRecord {
        let record = try? await job(id)  // no such job is answered as a wrong token is
        guard let record, let token, JobToken.matches(token, hash: record.tokenHash) else {
            throw RucheError(.unauthorized, "the token is not good for notifications of this job")
        }
        if let progress = JobProgress(payload: payload) { progressed(id, progress) }
        if let wait = active[id]?.notifications.take(now: .now) {
            let seconds = max(1, Int(wait.seconds.rounded(.up)))
            throw RucheError(
                .tooManyRequests, "job \(id) notifies too often: once in \(seconds) s is enough",
                details: [ErrorCode.retryAfter: String(seconds)])
        }
        return active[id]?.record ?? record
    }

    /// Keeps the newest progress, and tells of it when the last event is long enough ago.
    func progressed(_ id: Identifier, _ progress: JobProgress) {
        guard var job = active[id], !job.record.state.isFinal else { return }
        let before = job.record
        if let value = progress.value { job.record.progress = value }
        if let label = progress.label { job.record.progressLabel = label }
        if progress.value != nil {
            job.record.progressAt = configuration.now()
            job.progressSince = configuration.instant()
        }
        var untold = job.untoldProgress ?? JobProgress()
        untold.claimedStatus = progress.claimedStatus ?? untold.claimedStatus
        untold.announcedOutput = progress.announcedOutput ?? untold.announcedOutput
        let isNews =
            job.record.progress != before.progress || job.record.progressLabel != before.progressLabel
            || progress.claimedStatus != nil || progress.announcedOutput != nil || job.untoldProgress != nil
        job.untoldProgress = isNews ? untold : nil
        active[id] = job
        tellProgress(id)
    }

    /// Appends the event for progress that was not told yet, if one is due: at the end of an attempt one always is.
    func tellProgress(_ id: Identifier, isLast: Bool = false) {
        guard let job = active[id], let untold = job.untoldProgress else { return }
        guard active[id]?.pace.tell(now: .now, isLast: isLast) == true else { return }
        active[id]?.untoldProgress = nil
        var data: [String: JSONValue] = [:]
        if let value = job.record.progress { data["progress"] = .number(value) }
        if let label = job.record.progressLabel { data["label"] = .string(label) }
        if let end = estimatedEnd(job.record, earlier: runTimes[job.record.pipeline] ?? []) {
            data["estimatedEnd"] = .integer(end)
        }
        if let status = untold.claimedStatus { data["claimedStatus"] = .string(status) }
        if let output = untold.announcedOutput { data["output"] = .string(output) }
        // Not the ticket of the record: losing progress with the power is no loss.
        journal.add(job.record, [job.record.event("job.progressed", data)])
    }
}
