import ArgumentParser
import RucheClient

struct PipelineList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List pipelines.",
        discussion: """
            Examples:
              ruche pipeline list
              ruche pipeline list variants --json
            """)

    @Argument(help: "Only those with this text in name or summary.")
    var text: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let pipelines = try await context.withClient { try await $0.pipelines(matching: text) }
        if pipelines.isEmpty { context.output.note("no pipelines yet; \"ruche pipeline install FILE\" brings one") }
        if !pipelines.isEmpty || context.output.format == .json {
            try context.output.list(pipelines, now: context.now())
        }
    }
}
