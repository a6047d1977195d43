import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct JobShow: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one job.",
        discussion: """
            Examples:
              ruche job show 01hxyzabcdefghjkmnpqrstvwx
              ruche job show 01hxyzabcdefghjkmnpqrstvwx --record
            """)

    @Argument(help: "The job.", transform: Arguments.identifier)
    var id: Identifier

    @Flag(help: "Print the run record (run.json).")
    var record = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        if record {
            let bytes = try await context.withClient { try await $0.jobRecord(id) }
            context.output.raw(String(decoding: bytes, as: UTF8.self))
            return
        }
        let job = try await context.withClient { try await $0.job(id) }
        try context.output.json(job)
        context.output.quiet(job.state.rawValue)
        show(job, context.output, now: context.now())
    }

    private func show(_ job: JobDocument, _ output: Output, now: Int64) {
        let progress = job.progress.map { HumanText.percent($0) + (job.progressLabel.map { " \($0)" } ?? "") }
        output.fields([
            ("job", job.id.description), ("name", job.name), ("release", job.release),
            ("digest", job.releaseDigest.description), ("engine", job.engine), ("state", job.state.rawValue),
            ("waits for", Self.waiting(job)),
            ("references", job.references?.joined(separator: ", ")), ("priority", job.priority.map { "\($0)" }),
            ("after", job.after.map { $0.map(\.description).joined(separator: " ") }),
            ("attempts", job.attempts.map { $0.map { "\($0.number): \($0.exit.summary)" }.joined(separator: "; ") }),
            ("progress", progress), ("exit", job.exit?.summary),
            ("created", HumanText.timestamp(job.createdAt)), ("started", job.startedAt.map { HumanText.timestamp($0) }),
            ("ended", job.endedAt.map { HumanText.timestamp($0) }),
            ("time", job.seconds(now: now).map { HumanText.duration($0) }),
            ("left", job.estimatedEnd.map { "about " + HumanText.duration(Double(max(0, $0 - now)) / 1000) }),
            ("used", job.usage.map(JobStats.text)), ("folder", job.folder),
            ("parameters", parameters(job)),
        ])
        for (title, files) in [("INPUT", job.inputs), ("OUTPUT", job.outputs)] where !files.isEmpty {
            output.line()
            output.table(
                [.text(title), .number("SIZE"), .text("SHA256")],
                files.map { [$0.path, HumanText.size($0.size), $0.digest?.hex ?? "-"] })
        }
        for warning in job.warnings { output.warn("warning: \(warning)", .yellow) }
    }

    private static func waiting(_ job: JobDocument) -> String? {
        job.waiting.map { reason in reason.rawValue + (job.position.map { ", place \($0)" } ?? "") }
    }

    private func parameters(_ job: JobDocument) -> String? {
        guard !job.parameters.isEmpty else { return nil }
        return job.parameters.sorted { $0.key < $1.key }.map { key, value in
            let text = (try? JSON.encode(value)).map { String(decoding: $0, as: UTF8.self) }  // a value always encodes
            return "\(key)=\(text ?? "")"
        }.joined(separator: " ")
    }
}
