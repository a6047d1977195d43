import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct JobStats: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show what a running job uses.",
        discussion: """
            CPU is what is used just now, where 100 % is one CPU; memory is without page cache that can be \
            dropped, its peak with it; read and written are bytes of disks; disk is what outputs, logs and the \
            private layer take.

            Example:
              ruche job stats 01hxyzabcdefghjkmnpqrstvwx
            """)

    @Argument(help: "The job.", transform: Arguments.identifier)
    var id: Identifier

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
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
}
