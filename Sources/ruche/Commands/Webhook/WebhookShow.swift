import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct WebhookShow: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a webhook and its latest deliveries.",
        discussion: """
            Example:
              ruche webhook show 01hxyzabcdefghjkmnpqrstvwx
            """)

    private struct Shown: Encodable, Sendable {
        var webhook: WebhookDocument
        var deliveries: [WebhookDeliveryDocument]
    }

    @Argument(help: "The webhook.", transform: Arguments.identifier)
    var id: Identifier

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let (webhook, deliveries) = try await context.withClient { client in
            (try await client.webhook(id), try await client.webhookDeliveries(id, limit: 20))
        }
        let output = context.output
        try output.json(Shown(webhook: webhook, deliveries: deliveries))
        output.quiet(webhook.condition)
        output.fields([
            ("webhook", webhook.id.description), ("url", webhook.url), ("kinds", webhook.kindsText),
            ("owner", webhook.owner.description), ("state", webhook.condition),
            ("created", HumanText.timestamp(webhook.createdAt)),
            ("failing since", webhook.failingSince.map { HumanText.timestamp($0) }),
            ("next attempt", webhook.nextAttemptAt.map { HumanText.timestamp($0) }),
            ("given up", webhook.disabledAt.map { HumanText.timestamp($0) }), ("reason", webhook.disabledReason),
        ])
        guard !deliveries.isEmpty else { return }
        output.line()
        output.table(
            [.number("EVENT"), .text("KIND"), .text("TIME"), .number("ATTEMPTS"), .text("RESULT")],
            deliveries.map {
                [
                    "\($0.sequence)", $0.kind, HumanText.timestamp($0.attemptedAt), "\($0.attempts)",
                    $0.isDelivered ? "delivered" : $0.failure ?? "failed",
                ]
            })
    }
}
