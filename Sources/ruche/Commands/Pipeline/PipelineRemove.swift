import ArgumentParser
import RucheClient
import RucheCore

struct PipelineRemove: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove pipelines from the catalogue.",
        discussion: """
            Refused while a job that is not over needs it. Jobs that are over keep their records and outputs.

            Example:
              ruche pipeline remove lab/variant-calling:0.9.0
            """,
        aliases: ["rm", "uninstall"])

    @Argument(help: "owner/name:version", transform: Arguments.exactRelease)
    var pipelines: [ReleaseReference]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await context.withClient { client in
            for pipeline in pipelines {
                try await client.removePipeline(pipeline)
                context.output.quiet("\(pipeline)")
                try context.output.jsonLine(["removed": "\(pipeline)"])
                context.output.line("removed \(pipeline)")
            }
        }
    }
}
