import ArgumentParser
import RucheCore
import RucheWire

struct GarbageCollect: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Free what no release and no job needs.",
        discussion: """
            Never removes what a release, a running build or a running job uses.

            Examples:
              ruche gc --dry-run
              ruche gc
            """)

    @Flag(help: "Only say what would go.")
    var dryRun = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let result = try await MaintenanceRun.run(
            "gc", label: "collecting", dryRun: dryRun, as: CollectionDocument.self, context)
        try context.output.json(result)
        for digest in result.digests {
            context.output.quiet(digest.description)
            context.output.line("\(dryRun ? "would remove" : "removed") \(digest)")
        }
        guard result.blobs + result.cacheEntries > 0 else { return context.output.line("there is nothing to free") }
        context.output.line(
            "\(dryRun ? "would free" : "freed") \(HumanText.size(result.bytes)): "
                + "\(HumanText.count(result.blobs, "blob")), "
                + "\(HumanText.count(result.cacheEntries, "unpacked layer"))", .bold)
    }
}
