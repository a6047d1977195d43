import ArgumentParser
import RucheClient
import RucheCore

struct JobRemove: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove finished jobs with their inputs, outputs and logs.",
        discussion: """
            Example:
              ruche job remove 01hxyzabcdefghjkmnpqrstvwx
            """,
        aliases: ["rm"])

    @Argument(help: "The jobs.", transform: Arguments.identifier)
    var ids: [Identifier]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await context.withClient { client in
            for id in ids {
                try await client.removeJob(id)
                context.output.quiet(id.description)
                try context.output.jsonLine(["removed": id.description])
                context.output.line("removed job \(id)")
            }
        }
    }
}
