import ArgumentParser
import RucheWorkbench

struct PipelineClean: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Remove from a workbench what its package must not carry.",
        discussion: """
            Inputs, outputs, logs, temporary files, caches and lists of apt, machine identity, host keys, histories. \
            Says what it removed and how much that was.

            Examples:
              ruche pipeline clean calling --dry-run
              ruche pipeline clean calling
            """)

    @Argument(help: "The workbench.")
    var name: String

    @Flag(help: "Only say what would be removed.")
    var dryRun = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    /// What `--json` prints.
    private struct Report: Encodable {
        var removed: [WorkbenchCleaning.Finding]
        var bytes: Int64
        var dryRun: Bool
    }

    func run(_ context: CommandContext) async throws {
        let workbench = try await Workbenches.open(name, context)
        let found = try await WorkbenchCleaning(workbench).run(dryRun: dryRun)
        let bytes = found.reduce(0) { $0 + $1.bytes }
        let output = context.output
        try output.json(Report(removed: found, bytes: bytes, dryRun: dryRun))
        for finding in found { output.quiet(finding.path) }
        if !found.isEmpty {
            output.table(
                [.text("PATH"), .number("FILES"), .number("SIZE")],
                found.map { [$0.path, "\($0.files)", HumanText.size($0.bytes)] })
        }
        output.line(
            "\(dryRun ? "would remove" : "removed") \(HumanText.size(bytes)) in \(HumanText.count(found.count, "place"))"
        )
    }
}
