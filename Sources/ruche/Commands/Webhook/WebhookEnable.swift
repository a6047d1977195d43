import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct WebhookEnable: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Let a webhook that was given up go on after the last event it took.",
        discussion: """
            Example:
              ruche webhook enable 01hxyzabcdefghjkmnpqrstvwx
            """)

    @Argument(help: "The webhook.", transform: Arguments.identifier)
    var id: Identifier

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let webhook = try await context.withClient { try await $0.enableWebhook(id) }
        try context.output.json(webhook)
        context.output.quiet(webhook.id.description)
        context.output.line("enabled \(webhook.url)")
    }
}
