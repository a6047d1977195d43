extension Migration {
    /// Webhooks, where each of them is in the events, and what was delivered lately. Secrets are not here.
    static let webhooks = Migration(
        6, "webhooks",
        [
            """
            CREATE TABLE webhooks (
                id TEXT NOT NULL PRIMARY KEY,
                url TEXT NOT NULL,
                kinds TEXT NOT NULL,
                owner TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                position BIGINT NOT NULL,
                failures BIGINT NOT NULL,
                failing_since BIGINT,
                next_attempt_at BIGINT,
                disabled_at BIGINT,
                disabled_reason TEXT)
            """,
            """
            CREATE TABLE webhook_deliveries (
                webhook TEXT NOT NULL,
                sequence BIGINT NOT NULL,
                kind TEXT NOT NULL,
                attempts BIGINT NOT NULL,
                attempted_at BIGINT NOT NULL,
                status BIGINT,
                failure TEXT,
                is_delivered INTEGER NOT NULL,
                PRIMARY KEY (webhook, sequence))
            """,
        ])
}
