import RucheClient
import RucheCore
import RucheHost
import RucheWire
import SystemPackage

/// Follows a job to its end and tells what came of it.
struct JobFollower: Sendable {
    let context: CommandContext
    /// Inputs that are sent while the job waits for them.
    var sending: FileSending?
    var showsLog = false
    /// Where the outputs go; nil leaves them where they are.
    var folder: FilePath?

    /// Returns when the job succeeded; throws what it ended with otherwise. Ctrl-C cancels the job.
    func follow(_ job: JobDocument, _ client: APIClient) async throws {
        let view = JobProgressView(context, sending)
        cancelOnInterrupt(job, client)
        try await view.show {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await FileSending.run(sending, client, context.output) {
                        try await client.followEvents(subject: "job:\(job.id)") { event in
                            try view.apply(event)
                            return event.kind == "job.ended" ? .stop : .goOn
                        }
                    }
                }
                if showsLog { group.addTask { try await client.jobLog(job.id, follow: true) { view.log($0) } } }
                try await group.waitForAll()
            }
        }
        let ended = try await client.job(job.id)
        try report(ended)
        if let folder { try await OutputDownload(context: context).run(ended, to: folder, client) }
        try check(ended)
    }

    /// Returns once the inputs are sent and the job runs or has ended; a job that waits in the queue longer is left to
    /// it.
    func detach(_ job: JobDocument, _ client: APIClient) async throws {
        if let sending { try await send(sending, for: job, client) }
        let deadline = ContinuousClock.now + .seconds(10)
        var current = job
        while current.state == .queued || current.state == .preparing, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
            current = try await client.job(job.id)
        }
        try context.output.json(current)
        context.output.quiet(current.id.description)
        context.output.line("\(current.id)  \(current.state.rawValue)")
        if current.state == .queued, context.settings.server == nil {
            context.output.note("it starts with the next command, or at once while \"ruche serve\" runs")
        }
    }

    private func send(_ sending: FileSending, for job: JobDocument, _ client: APIClient) async throws {
        cancelOnInterrupt(job, client)
        try await Ticker.run(context.output.liveRegion(), { sending.lines() }) {
            try await FileSending.run(sending, client, context.output, isDetached: true) {
                // A job that ended before it got its inputs wants no more of them.
                try await client.followEvents(subject: "job:\(job.id)") { $0.kind == "job.ended" ? .stop : .goOn }
            }
        }
    }

    private func cancelOnInterrupt(_ job: JobDocument, _ client: APIClient) {
        let output = context.output
        context.interrupts.onFirst {
            output.note("cancelling job \(job.id); press Ctrl-C again to leave at once", .yellow)
            do { _ = try await client.cancelJob(job.id) } catch {
                output.warn("could not cancel the job: \(error)", .red)
            }
        }
    }

    private func report(_ job: JobDocument) throws {
        let output = context.output
        try output.jsonLine(job)
        output.quiet(job.id.description)
        output.line("job \(job.id) \(job.state.rawValue)", job.state == .succeeded ? .green : .red)
        output.fields([
            ("exit", job.exit?.summary), ("time", job.seconds(now: context.now()).map { HumanText.duration($0) }),
            ("outputs", job.folder.map { $0 + "/outputs" }), ("record", job.folder.map { $0 + "/run.json" }),
        ])
        for warning in job.warnings { output.warn("warning: \(warning)", .yellow) }
        if output.format == .text, !job.outputs.isEmpty { try output.list(job.outputs, now: context.now()) }
    }

    private func check(_ job: JobDocument) throws {
        guard job.state != .succeeded else { return }
        let code = job.state == .cancelled ? ErrorCode.cancelled : job.exit?.errorCode ?? .jobFailed
        throw RucheError(
            code,
            "job \(job.id) \(job.state.rawValue)"
                + (job.state == .cancelled
                    ? ""
                    : (job.exit.map { ": \($0.summary)" } ?? "") + "; \"ruche job logs \(job.id)\" shows what it wrote")
        )
    }
}
