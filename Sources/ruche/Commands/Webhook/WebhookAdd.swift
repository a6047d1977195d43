import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct WebhookAdd: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Tell an address of events from now on.",
        discussion: """
            Prints the secret that messages are signed with: it is not shown again. Messages have the headers \
            webhook-id, webhook-timestamp and webhook-signature of Standard Webhooks.

            Examples:
              ruche webhook add https://example.org/hook
              ruche webhook add https://example.org/hook --kind job.ended 'build.*'
              ruche webhook add https://example.org/hook --quiet >secret
            """)

    @Argument(help: "The address, https://HOST/PATH.")
    var url: String

    @Option(
        name: .customLong("kind"), parsing: .upToNextOption,
        help: ArgumentHelp("Only these kinds of events, such as job.ended or job.*", valueName: "kind"))
    var kinds: [String] = []

    @Option(help: ArgumentHelp("Only events of this owner.", valueName: "name"), transform: WebhookAdd.owner)
    var owner: OwnerName?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let request = WebhookRequest(
            url: url, kinds: kinds.isEmpty ? nil : kinds.joined(separator: ","), owner: owner)
        let webhook = try await context.withClient { try await $0.addWebhook(request) }
        try context.output.json(webhook)
        context.output.quiet(webhook.secret ?? "")
        context.output.fields([("webhook", webhook.id.description), ("secret", webhook.secret)])
        context.output.note("keep the secret: it is not shown again")
    }

    private static func owner(_ text: String) throws -> OwnerName {
        guard let owner = OwnerName(text) else { throw ValidationError("\"\(text)\" is no name of an owner") }
        return owner
    }
}
