import ArgumentParser

struct WebhookGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Tell other programs of events.",
        discussion: """
            A webhook is an address that gets a signed POST for each event it wants, in order and at least once; \
            what it does not take is tried again for five days.

            Examples:
              ruche webhook add https://example.org/hook --kind 'job.*'
              ruche webhook test 01hxyzabcdefghjkmnpqrstvwx
            """,
        subcommands: [
            WebhookAdd.self, WebhookList.self, WebhookShow.self, WebhookTest.self, WebhookEnable.self,
            WebhookRemove.self,
        ],
        aliases: ["webhooks"])
}
