import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct JobStats: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show what a job uses, or used.",
        discussion: """
            CPU is what is used just now, where 100 % is one CPU; memory is without page cache that can be \
            dropped, its peak with it; read and written are bytes of disks; disk is what outputs, logs and the \
            private layer take. The series is what it used over its time, also of a job that is over.

            Examples:
              ruche job stats 01hxyzabcdefghjkmnpqrstvwx
              ruche job stats --follow 01hxyzabcdefghjkmnpqrstvwx
              ruche job stats --series --json 01hxyzabcdefghjkmnpqrstvwx
            """)

    @Argument(help: "The job.", transform: Arguments.identifier)
    var id: Identifier

    @Flag(name: [.short, .long], help: "Show it again every two seconds until the job ends.")
    var follow = false

    @Flag(help: "Show what it used over its time.")
    var series = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        if follow && series { throw ValidationError("give one of --follow and --series") }
    }

    func run(_ context: CommandContext) async throws {
        if series { return try await showSeries(context) }
        if follow { return try await goOn(context) }
        let stats = try await context.withClient { try await $0.jobStats(id) }
        try context.output.json(stats)
        context.output.quiet("\(stats.memoryBytes)")
        let limit = stats.memoryLimitBytes.map { " of \(HumanText.size($0))" } ?? ""
        context.output.fields([
            ("cpu time", HumanText.duration(stats.cpuSeconds)),
            ("cpu", stats.cpus.map { "\(Int(($0 * 100).rounded())) %" }),
            ("memory", HumanText.size(stats.memoryBytes) + limit), ("peak", HumanText.size(stats.memoryPeakBytes)),
            ("processes", "\(stats.processes)"), ("read", HumanText.size(stats.readBytes)),
            ("written", HumanText.size(stats.writtenBytes)), ("disk", HumanText.size(stats.diskBytes)),
        ])
    }

    /// A line each time, or a document a line.
    private func goOn(_ context: CommandContext) async throws {
        let output = context.output
        try await context.withClient { client in
            while true {
                let stats: JobStatsDocument
                do { stats = try await client.jobStats(id) } catch let error as RucheError
                    where error.code == .invalidState
                {
                    // It waits still, or it is over.
                    if try await client.job(id).state.isFinal { return }
                    try await Task.sleep(for: .seconds(2))
                    continue
                }
                try output.jsonLine(stats)
                let cpu = stats.cpus.map { "\(Int(($0 * 100).rounded())) %" } ?? "-"
                output.line(
                    "cpu \(cpu)  memory \(HumanText.size(stats.memoryBytes))  read \(HumanText.size(stats.readBytes))"
                        + "  written \(HumanText.size(stats.writtenBytes))  disk \(HumanText.size(stats.diskBytes))")
                try await Task.sleep(for: .seconds(2))
            }
        }
    }

    private func showSeries(_ context: CommandContext) async throws {
        let document = try await context.withClient { try await $0.jobUsage(id) }
        let output = context.output
        try output.json(document)
        output.quiet("\(document.points.count)")
        guard let first = document.points.first, let last = document.points.last else {
            return output.line("nothing was measured")
        }
        let time = Double(last.time - first.time) / 1000
        output.fields([
            ("time", "\(document.points.count) looks in \(HumanText.duration(time))"),
            ("used", document.summary.map(Self.text)),
            ("cpu", Sparkline.text(document.points.map { $0.cpus ?? 0 })),
            ("memory", Sparkline.text(document.points.map { Double($0.memoryBytes) })),
            ("read", Sparkline.text(Self.steps(document.points.map(\.readBytes)))),
            ("written", Sparkline.text(Self.steps(document.points.map(\.writtenBytes)))),
        ])
    }

    private static func steps(_ sums: [UInt64]) -> [Double] {
        zip(sums, sums.dropFirst()).map { $1 >= $0 ? Double($1 - $0) : 0 }
    }

    static func text(_ usage: JobUsage) -> String {
        let mean = usage.meanCPUs.map { " (\(Int(($0 * 100).rounded())) % on average)" } ?? ""
        return "cpu \(HumanText.duration(usage.cpuSeconds))\(mean), peak \(HumanText.size(usage.memoryPeakBytes))"
            + ", read \(HumanText.size(usage.readBytes)), written \(HumanText.size(usage.writtenBytes))"
    }
}
