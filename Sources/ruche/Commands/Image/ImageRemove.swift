import ArgumentParser
import RucheClient
import RucheCore

struct ImageRemove: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove releases from the catalogue.",
        discussion: """
            What only they used is freed by the next "ruche gc".
            The identifier of a public one stays and says what it was; revoke it to
            keep its whole record.

            Example:
              ruche release remove lab/variant-calling:0.9.0
            """,
        aliases: ["rm"])

    @Argument(help: "owner/name:version", transform: Arguments.exactRelease)
    var releases: [ReleaseReference]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await context.withClient { client in
            for release in releases {
                try await client.removeRelease(release)
                context.output.quiet("\(release)")
                try context.output.jsonLine(["removed": "\(release)"])
                context.output.line("removed \(release)")
            }
        }
    }
}
