/// Webhooks and their deliveries, inside one transaction.
package struct WebhookRepository {
    /// Deliveries that are kept of each webhook.
    private static let kept: Int64 = 200

    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    package func insert(_ row: WebhookRow) throws {
        try connection.execute(
            """
            INSERT INTO webhooks (id, url, kinds, owner, created_at, position, failures, failing_since,
                next_attempt_at, disabled_at, disabled_reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [.text(row.id), .text(row.url), .text(row.kinds), .text(row.owner), .integer(row.createdAt)]
                + changing(row))
    }

    /// Writes what changes in the life of a webhook. One that was removed meanwhile stays removed.
    package func update(_ row: WebhookRow) throws {
        try connection.execute(
            """
            UPDATE webhooks SET position = ?, failures = ?, failing_since = ?, next_attempt_at = ?, disabled_at = ?,
                disabled_reason = ? WHERE id = ?
            """, changing(row) + [.text(row.id)])
    }

    package func webhook(_ id: String) throws -> WebhookRow? {
        try connection.query("SELECT * FROM webhooks WHERE id = ?", [.text(id)]).first.flatMap(Self.row)
    }

    /// Newest first; only those older than `cursor` when it is given.
    package func webhooks(before cursor: String?, limit: Int) throws -> [WebhookRow] {
        let filter = cursor == nil ? "" : "WHERE id < ? "
        return try connection.query(
            "SELECT * FROM webhooks \(filter)ORDER BY id DESC LIMIT ?",
            (cursor.map { [SQLValue.text($0)] } ?? []) + [.integer(Int64(limit))]
        ).compactMap(Self.row)
    }

    package func remove(_ id: String) throws {
        try connection.execute("DELETE FROM webhook_deliveries WHERE webhook = ?", [.text(id)])
        try connection.execute("DELETE FROM webhooks WHERE id = ?", [.text(id)])
    }

    /// Records the latest attempt for one event; old deliveries go.
    package func save(_ row: WebhookDeliveryRow) throws {
        try connection.execute(
            """
            INSERT INTO webhook_deliveries (webhook, sequence, kind, attempts, attempted_at, status, failure,
                is_delivered) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (webhook, sequence) DO UPDATE SET attempts = excluded.attempts,
                attempted_at = excluded.attempted_at, status = excluded.status, failure = excluded.failure,
                is_delivered = excluded.is_delivered
            """,
            [
                .text(row.webhook), .integer(row.sequence), .text(row.kind), .integer(row.attempts),
                .integer(row.attemptedAt), .optional(row.status), .optional(row.failure),
                .integer(row.isDelivered ? 1 : 0),
            ])
        try connection.execute(
            """
            DELETE FROM webhook_deliveries WHERE webhook = ? AND sequence <= (
                SELECT MIN(sequence) FROM (
                    SELECT sequence FROM webhook_deliveries WHERE webhook = ? ORDER BY sequence DESC LIMIT ?) AS newest) - 1
            """, [.text(row.webhook), .text(row.webhook), .integer(Self.kept)])
    }

    /// Newest first; only those before `sequence` when it is given.
    package func deliveries(_ webhook: String, before sequence: Int64?, limit: Int) throws -> [WebhookDeliveryRow] {
        let filter = sequence == nil ? "" : " AND sequence < ?"
        let arguments = [SQLValue.text(webhook)] + (sequence.map { [.integer($0)] } ?? []) + [.integer(Int64(limit))]
        return try connection.query(
            "SELECT * FROM webhook_deliveries WHERE webhook = ?\(filter) ORDER BY sequence DESC LIMIT ?", arguments
        ).compactMap { row in
            guard let sequence = row.integer("sequence"), let kind = row.text("kind"),
                let attempts = row.integer("attempts"), let time = row.integer("attempted_at"),
                let isDelivered = row.integer("is_delivered")
            else { return nil }
            return WebhookDeliveryRow(
                webhook: webhook, sequence: sequence, kind: kind, attempts: attempts, attemptedAt: time,
                status: row.integer("status"), failure: row.text("failure"), isDelivered: isDelivered != 0)
        }
    }

    private func changing(_ row: WebhookRow) -> [SQLValue] {
        [
            .integer(row.position), .integer(row.failures), .optional(row.failingSince), .optional(row.nextAttemptAt),
            .optional(row.disabledAt), .optional(row.disabledReason),
        ]
    }

    private static func row(_ row: SQLRow) -> WebhookRow? {
        guard let id = row.text("id"), let url = row.text("url"), let kinds = row.text("kinds"),
            let owner = row.text("owner"), let createdAt = row.integer("created_at"),
            let position = row.integer("position"), let failures = row.integer("failures")
        else { return nil }
        var webhook = WebhookRow(
            id: id, url: url, kinds: kinds, owner: owner, createdAt: createdAt, position: position)
        webhook.failures = failures
        webhook.failingSince = row.integer("failing_since")
        webhook.nextAttemptAt = row.integer("next_attempt_at")
        webhook.disabledAt = row.integer("disabled_at")
        webhook.disabledReason = row.text("disabled_reason")
        return webhook
    }
}
