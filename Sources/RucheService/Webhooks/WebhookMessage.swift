import RucheCore

/// What is posted for one event, as Standard Webhooks has it.
struct WebhookMessage: Sendable {
    private struct Body: Encodable {
        var type: String
        var timestamp: String
        var data: Event
    }

    /// The same for every attempt, so that a receiver can tell what it has had already.
    let id: String
    let body: [UInt8]

    init(_ event: Event, for webhook: Webhook, id: String? = nil) throws {
        self.id = id ?? "msg_\(webhook.id)_\(event.sequence)"
        body = try JSONText.bytes(Body(type: event.kind, timestamp: Timestamp.text(event.time), data: event))
    }

    /// `now` is milliseconds since 1970.
    func headers(_ secret: WebhookSecret, now: Int64) -> [(String, String)] {
        let seconds = now / 1000
        return [
            ("content-type", "application/json"), ("user-agent", "ruche"), ("webhook-id", id),
            ("webhook-timestamp", String(seconds)),
            ("webhook-signature", secret.signature(id: id, timestamp: seconds, body: body)),
        ]
    }
}
