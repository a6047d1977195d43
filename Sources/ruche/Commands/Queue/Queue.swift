import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct Queue: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what runs, what waits, and why.",
        discussion: """
            Jobs that wait for room are listed in the order in which they will start, as far as it is known now.

            Examples:
              ruche queue
              ruche queue --owner lab --all
              ruche queue --json
            """)

    @Option(help: "Only jobs of this engine.")
    var engine: String?

    @Option(help: "Only jobs of this owner.")
    var owner: String?

    @Flag(name: [.short, .long], help: "All of them, not only the first 50.")
    var all = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    /// What `--json` prints.
    private struct Answer: Encodable, Sendable {
        var engines: [QueueDocument]
        var jobs: [JobSummaryDocument]
    }

    func run(_ context: CommandContext) async throws {
        let limit = all ? nil : 50
        let answer = try await context.withClient { client in
            Answer(
                engines: try await client.queue(),
                jobs: try await client.queuedJobs(engine: engine, owner: owner, limit: limit))
        }
        try context.output.json(answer)
        for job in answer.jobs { context.output.quiet(job.id.description) }
        show(answer, context.output, now: context.now())
    }

    private func show(_ answer: Answer, _ output: Output, now: Int64) {
        output.table(
            [
                .text("ENGINE"), .text("READY"), .text("OWNER"), .number("SLOTS"), .number("CPUS"), .number("MEMORY"),
                .number("WAITING"),
            ], answer.engines.filter { engine == nil || $0.engine == engine }.flatMap(Self.rows))
        guard !answer.jobs.isEmpty else { return }
        output.line()
        output.table(
            [
                .text("ID"), .text("OWNER"), .text("RELEASE"), .number("PRIORITY"), .text("STATE"),
                .text("WAITS FOR"), .number("PLACE"), .text("CREATED"),
            ],
            answer.jobs.map { job in
                [
                    job.id.description, job.owner?.description ?? "-", job.release, "\(job.priority ?? 0)",
                    job.state.rawValue, job.waiting?.rawValue ?? "-", job.position.map { "\($0)" } ?? "-",
                    HumanText.ago(job.createdAt, now: now),
                ]
            })
    }

    private static func rows(_ queue: QueueDocument) -> [[String]] {
        let total = row(
            queue.engine, queue.ready ? "yes" : "no", "-", queue.used, queue.limits, queue.waiting + queue.held)
        return [total] + queue.owners.map { row("", "", $0.owner, $0.used, queue.ownerLimits, $0.waiting) }
    }

    private static func row(
        _ engine: String, _ ready: String, _ owner: String, _ used: ResourceUse, _ limits: QueueLimits, _ waiting: Int
    ) -> [String] {
        func part(_ used: String, _ limit: String?) -> String { limit.map { "\(used)/\($0)" } ?? used }
        return [
            engine, ready, owner, part("\(used.slots)", limits.slots.map { "\($0)" }),
            limits.cpus == nil && used.cpus == 0 ? "-" : part("\(used.cpus)", limits.cpus.map { "\($0)" }),
            limits.memory == nil && used.memory == 0
                ? "-" : part(HumanText.size(used.memory), limits.memory.map { HumanText.size($0) }),
            "\(waiting)",
        ]
    }
}
