package import RucheCore

/// `POST /api/v1/webhooks`.
package struct WebhookRequest: Codable, Hashable, Sendable {
    package var url: String
    /// Kinds of events with commas between, `job.ended,build.*`; nil for all.
    package var kinds: String?
    /// Whose events; those of the whole site when nil.
    package var owner: OwnerName?

    package init(url: String, kinds: String? = nil, owner: OwnerName? = nil) {
        self.url = url
        self.kinds = kinds
        self.owner = owner
    }
}

/// A webhook. Times are milliseconds since 1970.
package struct WebhookDocument: Codable, Hashable, Sendable {
    package var id: Identifier
    package var url: String
    /// Empty for all.
    package var kinds: [String]
    package var owner: OwnerName
    package var createdAt: Int64
    /// Sequence number of the event that was delivered last.
    package var position: Int64
    /// Attempts in a row that failed.
    package var failures: Int
    package var failingSince: Int64?
    package var nextAttemptAt: Int64?
    /// When it was given up, and why.
    package var disabledAt: Int64?
    package var disabledReason: String?
    /// What messages are signed with: only in the answer that makes the webhook.
    package var secret: String?

    package init(id: Identifier, url: String, kinds: [String], owner: OwnerName, createdAt: Int64, position: Int64) {
        self.id = id
        self.url = url
        self.kinds = kinds
        self.owner = owner
        self.createdAt = createdAt
        self.position = position
        failures = 0
    }
}

/// The latest attempt to tell a webhook of one event.
package struct WebhookDeliveryDocument: Codable, Hashable, Sendable {
    package var sequence: Int64
    package var kind: String
    package var attempts: Int
    package var attemptedAt: Int64
    package var isDelivered: Bool
    package var status: Int?
    package var failure: String?

    package init(sequence: Int64, kind: String, attempts: Int, attemptedAt: Int64, isDelivered: Bool) {
        self.sequence = sequence
        self.kind = kind
        self.attempts = attempts
        self.attemptedAt = attemptedAt
        self.isDelivered = isDelivered
    }
}
