import ArgumentParser
import RucheClient
import RucheCore

struct WebhookRemove: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove webhooks and their secrets.",
        discussion: """
            Example:
              ruche webhook remove 01hxyzabcdefghjkmnpqrstvwx
            """,
        aliases: ["rm"])

    @Argument(help: "The webhooks.", transform: Arguments.identifier)
    var ids: [Identifier]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await context.withClient { client in
            for id in ids { try await client.removeWebhook(id) }
        }
        try context.output.json(["removed": ids])
        for id in ids {
            context.output.quiet(id.description)
            context.output.line("removed \(id)")
        }
    }
}
