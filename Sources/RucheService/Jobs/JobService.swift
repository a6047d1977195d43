import Glibc
import Logging
import RucheCore
import RucheEngines
import RucheHost
import RucheImages
import RucheStore
import ServiceLifecycle
import SystemPackage

/// Runs jobs: accepts them, queues them, watches their containers, collects what they leave.
///
/// `run()` is part of the server's service group. Its end leaves containers running; the next start finds
/// them again. Events: `job.queued`, `job.preparing`, `job.started`, `job.progressed`, `job.paused`,
/// `job.resumed`, `job.stopping`, `job.finalizing`, `job.ended`, `job.removed`,
/// `job.restored`.
package actor JobService: Service {
    enum Work: Sendable {
        /// Prepare, start and watch.
        case execute(Identifier)
        /// Watch a container that runs already.
        case attach(Identifier)
        /// Collect what is left.
        case finish(Identifier)
        /// Let the next attempt go on after a while.
        case letGo(Identifier, Duration)
        /// Ask an engine that went away until it is back.
        case probe(String)
    }

    let configuration: JobServiceConfiguration
    /// Whose releases who may run.
    package nonisolated var visibility: ReleaseVisibility { ReleaseVisibility(database: configuration.database) }
    let journal: JobJournal
    let logger: Logger
    private let work: AsyncStream<Work>
    let worker: AsyncStream<Work>.Continuation
    var active: [Identifier: ActiveJob] = [:]
    var queue: JobQueue
    /// The zero of the queue's clock.
    let origin = ContinuousClock.now
    /// Since when engines are away.
    var awaySince: [String: Duration] = [:]
    /// Nothing starts before all that runs is known.
    var isScheduling = true
    private var packages: [Digest: PipelinePackage] = [:]
    private var readyUntil: [String: ContinuousClock.Instant] = [:]
    var digests: [FileIdentity: Digest] = [:]
    /// Runs of pipelines that went well, newest first, for estimates.
    var runTimes: [String: [ProgressEstimate.Run]] = [:]
    var isRecovered = false
    private var lastTime: UInt64 = 0

    package init(configuration: JobServiceConfiguration) {
        self.configuration = configuration
        logger = configuration.logger
        journal = JobJournal(events: configuration.events, logger: configuration.logger)
        queue = JobQueue(
            Dictionary(
                uniqueKeysWithValues: configuration.engines.keys.map { ($0, configuration.capacity(of: $0)) }))
        (work, worker) = AsyncStream.makeStream()
    }

    /// Works until shutdown; takes up what an earlier process left when nobody did.
    package func run() async throws {
        try await recover()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await withDiscardingTaskGroup { group in
                    for await item in self.work { group.addTask { await self.perform(item) } }
                    group.cancelAll()
                }
            }
            group.addTask {
                try? await gracefulShutdown()  // cancellation ends it the same way
                await self.settle()
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Lets jobs that are being prepared or finalized come to the next state, at most for a minute.
    ///
    /// A process that serves one command would otherwise begin the same work again and again and never end it.
    private func settle() async {
        let deadline = ContinuousClock.now + .seconds(60)
        while !Task.isCancelled, ContinuousClock.now < deadline,
            active.values.contains(where: { [.preparing, .finalizing].contains($0.record.state) })
        {
            try? await Task.sleep(for: .milliseconds(5))  // cancellation is seen above
        }
    }

    // MARK: Acceptance

    /// Later in order than every one before of this process, as the queue takes jobs that came in the same millisecond in their order.
    private func nextIdentifier(_ time: Int64) -> Identifier {
        lastTime = max(UInt64(max(0, time)), lastTime + 1)
        var generator = SystemRandomNumberGenerator()
        return Identifier(milliseconds: lastTime, using: &generator)
    }

    /// Checks everything, records the job durably, and queues it.
    ///
    /// Throws `invalid_input` or `invalid_form` with every problem, `not_found` for the release, `unsupported`
    /// or `engine_unavailable` for the engine. Nothing is left of a job that was not accepted.
    package func submit(_ submission: JobSubmission) async throws -> JobRecord {
        let engine = submission.engine ?? configuration.defaultEngine
        try await requireReady(engine)
        let checker = JobChecker(configuration: configuration) { try await self.package(of: $0) }
        let accepted = try await checker.check(submission, also: try await queueProblems(submission, engine))
        let pending = try await pending(submission.after)
        let time = configuration.now()
        var record = JobRecord(
            id: nextIdentifier(time),
            release: "\(accepted.release.name):\(accepted.release.version)", releaseDigest: accepted.release.digest,
            engine: engine, createdAt: time, parameters: accepted.parameters, inputs: accepted.inputs,
            limits: accepted.limits)
        record.name = submission.name.map { String($0.prefix(200)) }
        record.databases = submission.databases
        record.references = accepted.references.isEmpty ? nil : accepted.references
        record.owner = submission.owner
        let uploads = accepted.inputs.filter { $0.file == nil }.compactMap(\.upload)
        record.waitsFor = uploads.isEmpty ? nil : uploads
        record.createdBy = submission.createdBy
        record.setQueueing(submission)
        let id = record.id
        let ticket = journal.add(record, [record.event("job.queued")], isOffer: true)
        active[id] = ActiveJob(record: record)
        active[id]?.acceptance = ticket
        active[id]?.ticket = ticket
        // It is prepared while it is being recorded; its container does not run before that.
        enqueue(id, after: pending)
        do {
            try await journal.wait(ticket)
        } catch {
            if active[id]?.holdsSlot == false {
                release(id)
            }
            throw error
        }
        // One may have come to its end while the job was recorded.
        await refreshUploads(id)
        return active[id]?.record ?? record
    }

    /// False for a job that could not be recorded: nothing of it may be left.
    func isAccepted(_ id: Identifier) async -> Bool {
        guard let ticket = active[id]?.acceptance else { return true }
        do {
            try await journal.wait(ticket)
            return true
        } catch {
            return false
        }
    }

    /// Asks an engine whether it can work, at most every half minute.
    private func requireReady(_ name: String) async throws {
        let engine = try engine(name)
        if let until = readyUntil[name], until > .now { return }
        let findings = await engine.check()
        guard findings.isEmpty else {
            let problems = findings.map { finding in
                Problem(path: "engine", message: finding.message, found: name, allowed: finding.remedy)
            }
            throw RucheError(
                .engineUnavailable, "the engine \"\(name)\" is not ready", details: ["engine": name], problems: problems
            )
        }
        readyUntil[name] = .now + .seconds(30)
    }

    func engine(_ name: String) throws -> any Engine {
        guard let engine = configuration.engines[name] else {
            let known = configuration.engines.keys.sorted().joined(separator: ", ")
            throw RucheError(
                .unsupported, "there is no engine \"\(name)\": use one of \(known)", details: ["engine": name])
        }
        return engine
    }

    /// What the release of a job says; read once per release.
    func package(for record: JobRecord) async throws -> PipelinePackage {
        if let package = packages[record.releaseDigest] { return package }
        var reference = try ReleaseReference(parsing: record.release)
        reference.digest = record.releaseDigest
        return try await package(of: configuration.releases.resolve(reference))
    }

    private func package(of release: Release) async throws -> PipelinePackage {
        if let package = packages[release.digest] { return package }
        let package = try await PipelineReader(content: configuration.content).package(release)
        if packages.count >= 64 { packages = [:] }
        packages[release.digest] = package
        return package
    }

    // MARK: State

    /// Lets the state machine of an active job take one step.
    func step(_ id: Identifier, _ body: (inout JobStateMachine) throws -> JobAction) rethrows -> JobAction {
        guard var job = active[id] else { return .none }
        let action = try body(&job.record.machine)
        active[id] = job
        return action
    }

    /// Queues the record as it is now, with an event that tells of it. Returns the journal's number.
    @discardableResult
    func record(_ id: Identifier, _ kind: String, _ data: [String: JSONValue] = [:]) -> Int {
        guard let record = active[id]?.record else { return 0 }
        let ticket = journal.add(record, [record.event(kind, data)])
        active[id]?.ticket = ticket
        return ticket
    }
}
