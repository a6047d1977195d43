import RucheCore
import RucheEngines

/// What a submission says of the queue.
extension JobService {
    private static let dependencyLimit = 1000

    /// Everything that is wrong with what a submission asks of the queue.
    func queueProblems(_ submission: JobSubmission, _ engine: String) async throws -> [Problem] {
        var problems = submission.retry?.problems ?? []
        if let problem = Self.problem(priority: submission.priority ?? 0) { problems.append(problem) }
        problems += sizeProblems(submission, configuration.capacity(of: engine))
        guard !submission.after.isEmpty else { return problems }
        guard submission.after.count <= Self.dependencyLimit else {
            return problems + [
                Problem(
                    path: "after", message: "too many jobs", found: "\(submission.after.count)",
                    allowed: "at most \(Self.dependencyLimit)")
            ]
        }
        for (index, id) in submission.after.enumerated() {
            let record = try? await job(id)  // a job that is not there is what is said below
            if let problem = problem(record, submission, id) {
                problems.append(Problem(path: "after[\(index)]", message: problem, found: id.description))
            }
        }
        return problems
    }

    /// Jobs of others are not known, whoever asks; the site's administrator sees all.
    private func problem(_ record: JobRecord?, _ submission: JobSubmission, _ id: Identifier) -> String? {
        guard let record, record.ownerName == submission.owner || submission.createdBy == Caller.local.actor else {
            return "there is no such job"
        }
        return record.state == .failed || record.state == .cancelled ? "the job has \(record.state.rawValue)" : nil
    }

    private func sizeProblems(_ submission: JobSubmission, _ capacity: EngineCapacity) -> [Problem] {
        var problems: [Problem] = []
        for limits in [capacity.total, capacity.perOwner] {
            if let most = limits.cpus, let cpus = submission.limits?.cpus, cpus > most {
                problems.append(
                    Problem(
                        path: "limits.cpus", message: "no job gets so many", found: "\(cpus)",
                        allowed: "at most \(most)"))
            }
            if let most = limits.memory, let memory = submission.limits?.memory, memory.bytes > most {
                problems.append(
                    Problem(
                        path: "limits.memory", message: "no job gets so much", found: "\(memory)",
                        allowed: "at most \(ByteCount(most))"))
            }
        }
        return problems
    }

    /// Which of these jobs are not over, as of the moment of return. Throws `invalid_input` when one failed.
    func pending(_ after: [Identifier]) async throws -> Set<Identifier> {
        guard !after.isEmpty else { return [] }
        while true {
            let states = try await states(of: after)
            if let failed = after.first(where: { states[$0].map { $0 != .succeeded } ?? false }) {
                throw RucheError(
                    .invalidInput, "job \(failed), which it is to come after, did not succeed",
                    problems: [
                        Problem(
                            path: "after", message: "the job did not succeed", found: failed.description)
                    ])
            }
            // One may have come to its end while the others were looked at.
            let running = after.filter { active[$0] != nil }
            if running.count + states.count >= after.count { return Set(running) }
        }
    }
}

extension JobRecord {
    /// What a submission says of the queue.
    mutating func setQueueing(_ submission: JobSubmission) {
        priority = submission.priority
        after = submission.after.isEmpty ? nil : submission.after
        retry = submission.retry
    }
}
