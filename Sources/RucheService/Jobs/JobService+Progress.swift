package import RucheCore

extension JobService {
    /// Shortest time between two events of one job's progress; what comes between is told with the next.
    private static let eventInterval = Duration.milliseconds(200)

    /// Takes a notification of a job's container: `token` is what its token file holds.
    ///
    /// Throws `unauthorized` for a wrong token and for a job that does not exist, alike. A payload that tells
    /// nothing known, and one that comes after the end, change nothing. No payload ever changes the state.
    package func notify(_ id: Identifier, token: String?, payload: JSONValue) async throws -> JobRecord {
        let record = try? await job(id)  // no such job is answered as a wrong token is
        guard let record, let token, JobToken.matches(token, hash: record.tokenHash) else {
            throw RucheError(.unauthorized, "the token is not good for notifications of this job")
        }
        if let progress = JobProgress(payload: payload) { progressed(id, progress) }
        return active[id]?.record ?? record
    }

    /// Keeps the newest progress, and tells of it when the last event is long enough ago.
    func progressed(_ id: Identifier, _ progress: JobProgress) {
        guard var job = active[id], !job.record.state.isFinal else { return }
        if let value = progress.value { job.record.progress = value }
        if let label = progress.label { job.record.progressLabel = label }
        var untold = job.untoldProgress ?? JobProgress()
        untold.claimedStatus = progress.claimedStatus ?? untold.claimedStatus
        untold.announcedOutput = progress.announcedOutput ?? untold.announcedOutput
        job.untoldProgress = untold
        active[id] = job
        tellProgress(id)
    }

    /// Appends the event for progress that was not told yet, if one is due.
    func tellProgress(_ id: Identifier) {
        guard let job = active[id], let untold = job.untoldProgress else { return }
        if let toldAt = job.toldAt, ContinuousClock.now - toldAt < Self.eventInterval { return }
        active[id]?.untoldProgress = nil
        active[id]?.toldAt = .now
        var data: [String: JSONValue] = [:]
        if let value = job.record.progress { data["progress"] = .number(value) }
        if let label = job.record.progressLabel { data["label"] = .string(label) }
        if let status = untold.claimedStatus { data["claimedStatus"] = .string(status) }
        if let output = untold.announcedOutput { data["output"] = .string(output) }
        // Not the ticket of the record: losing progress with the power is no loss.
        journal.add(job.record, [job.record.event("job.progressed", data)])
    }
}
