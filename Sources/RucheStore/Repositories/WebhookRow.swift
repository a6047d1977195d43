/// A row of the webhooks table. `kinds` is a list with commas, empty for all.
package struct WebhookRow: Hashable, Sendable {
    package var id: String
    package var url: String
    package var kinds: String
    package var owner: String
    package var createdAt: Int64
    /// The event that was delivered last.
    package var position: Int64
    /// Attempts in a row that failed.
    package var failures: Int64 = 0
    package var failingSince: Int64?
    package var nextAttemptAt: Int64?
    package var disabledAt: Int64?
    package var disabledReason: String?

    package init(id: String, url: String, kinds: String, owner: String, createdAt: Int64, position: Int64) {
        self.id = id
        self.url = url
        self.kinds = kinds
        self.owner = owner
        self.createdAt = createdAt
        self.position = position
    }
}
