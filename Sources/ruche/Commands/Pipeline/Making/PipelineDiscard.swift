import ArgumentParser
import RucheWorkbench

struct PipelineDiscard: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Remove a workbench. The folder with the pipeline's files stays.",
        discussion: """
            Example:
              ruche pipeline discard calling
            """)

    @Argument(help: "Workbenches.")
    var names: [String]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let store = try Workbenches.store(context)
        for name in names {
            try await store.remove(name)
            context.output.quiet(name)
            try context.output.jsonLine(["removed": name])
            context.output.line("removed workbench \(name)")
        }
    }
}
