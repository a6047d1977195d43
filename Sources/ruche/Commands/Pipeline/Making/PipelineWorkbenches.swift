import ArgumentParser
import RucheWorkbench

struct PipelineWorkbenches: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "workbenches",
        abstract: "List the workbenches of this machine.",
        discussion: """
            Example:
              ruche pipeline workbenches --json
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let (records, problems) = try Workbenches.store(context).all()
        for problem in problems { context.output.warn("warning: \(problem)", .yellow) }
        try context.output.list(records, now: context.now())
    }
}
