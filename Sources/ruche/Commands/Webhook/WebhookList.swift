import ArgumentParser
import RucheClient

struct WebhookList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List webhooks, newest first.",
        discussion: """
            Example:
              ruche webhook list
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let webhooks = try await context.withClient { try await $0.webhooks() }
        try context.output.list(webhooks, now: context.now())
    }
}
