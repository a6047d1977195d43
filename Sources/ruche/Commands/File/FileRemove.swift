import ArgumentParser
import RucheClient
import RucheCore

struct FileRemove: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove files; their content goes with the next collection.",
        discussion: """
            Example:
              ruche file remove 01hxyzabcdefghjkmnpqrstvwx
            """,
        aliases: ["rm"])

    @Argument(help: "The files.", transform: Arguments.identifier)
    var ids: [Identifier]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await context.withClient { client in
            for id in ids {
                try await client.removeFile(id)
                context.output.quiet(id.description)
                try context.output.jsonLine(["removed": id.description])
                context.output.line("removed file \(id)")
            }
        }
    }
}
