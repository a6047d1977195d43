import RucheCore
import RucheStore

/// The latest attempt to tell a webhook of one event.
package struct WebhookDelivery: Hashable, Sendable {
    package var sequence: Int64
    package var kind: String
    package var attempts: Int
    /// Milliseconds since 1970.
    package var attemptedAt: Int64
    /// The HTTP status of the answer, when there was one.
    package var status: Int?
    package var failure: String?
    package var isDelivered: Bool

    init(sequence: Int64, kind: String, attempts: Int, attemptedAt: Int64, _ outcome: Result<Int, any Error>) {
        self.sequence = sequence
        self.kind = kind
        self.attempts = attempts
        self.attemptedAt = attemptedAt
        switch outcome {
        case .success(let status):
            self.status = status
            isDelivered = (200..<300).contains(status)
            failure = isDelivered ? nil : "the answer was \(status)"
        case .failure(let error):
            isDelivered = false
            failure = String("\((error as? RucheError)?.message ?? "\(error)")".prefix(300))
        }
    }

    init(_ row: WebhookDeliveryRow) {
        sequence = row.sequence
        kind = row.kind
        attempts = Int(row.attempts)
        attemptedAt = row.attemptedAt
        status = row.status.map { Int($0) }
        failure = row.failure
        isDelivered = row.isDelivered
    }

    func row(_ webhook: Webhook) -> WebhookDeliveryRow {
        WebhookDeliveryRow(
            webhook: webhook.id.description, sequence: sequence, kind: kind, attempts: Int64(attempts),
            attemptedAt: attemptedAt, status: status.map { Int64($0) }, failure: failure, isDelivered: isDelivered)
    }
}
