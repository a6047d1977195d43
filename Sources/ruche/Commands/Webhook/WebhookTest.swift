import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct WebhookTest: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Send a test message now.",
        discussion: """
            Example:
              ruche webhook test 01hxyzabcdefghjkmnpqrstvwx
            """)

    @Argument(help: "The webhook.", transform: Arguments.identifier)
    var id: Identifier

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let delivery = try await context.withClient { try await $0.testWebhook(id) }
        try context.output.json(delivery)
        context.output.quiet(delivery.status.map { "\($0)" } ?? "")
        guard delivery.isDelivered else {
            throw RucheError(.networkUnavailable, "the test was not taken: \(delivery.failure ?? "no answer")")
        }
        context.output.line("delivered, the answer was \(delivery.status ?? 0)")
    }
}
