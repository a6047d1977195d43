/// A row of the table of deliveries.
package struct WebhookDeliveryRow: Hashable, Sendable {
    package var webhook: String
    package var sequence: Int64
    package var kind: String
    package var attempts: Int64
    package var attemptedAt: Int64
    package var status: Int64?
    package var failure: String?
    package var isDelivered: Bool

    package init(
        webhook: String, sequence: Int64, kind: String, attempts: Int64, attemptedAt: Int64, status: Int64?,
        failure: String?, isDelivered: Bool
    ) {
        self.webhook = webhook
        self.sequence = sequence
        self.kind = kind
        self.attempts = attempts
        self.attemptedAt = attemptedAt
        self.status = status
        self.failure = failure
        self.isDelivered = isDelivered
    }
}
