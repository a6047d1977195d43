extension Migration {
    /// Environments, which blobs each of them may give away, and how often it was fetched. But for downloads and what
    /// was just pushed, it can be made again from the content store.
    static let environments = Migration(
        7, "environments",
        [
            """
            CREATE TABLE environments (
                name TEXT NOT NULL PRIMARY KEY,
                owner TEXT NOT NULL,
                visibility TEXT NOT NULL,
                summary TEXT,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL)
            """,
            "CREATE INDEX environments_by_owner ON environments (owner, name)",
            "CREATE INDEX environments_by_visibility ON environments (visibility, name)",
            """
            CREATE TABLE environment_blobs (
                name TEXT NOT NULL,
                digest TEXT NOT NULL,
                source TEXT NOT NULL,
                size BIGINT NOT NULL,
                PRIMARY KEY (name, digest, source))
            """,
            "CREATE INDEX environment_blobs_by_source ON environment_blobs (name, source)",
            "CREATE INDEX environment_blobs_by_digest ON environment_blobs (digest)",
            """
            CREATE TABLE pushed_blobs (
                name TEXT NOT NULL,
                digest TEXT NOT NULL,
                pushed_at BIGINT NOT NULL,
                PRIMARY KEY (name, digest))
            """,
            "CREATE INDEX pushed_blobs_by_digest ON pushed_blobs (digest)",
            "CREATE INDEX pushed_blobs_by_time ON pushed_blobs (pushed_at)",
            """
            CREATE TABLE downloads (
                name TEXT NOT NULL,
                version TEXT NOT NULL,
                variant TEXT NOT NULL,
                count BIGINT NOT NULL,
                PRIMARY KEY (name, version, variant))
            """,
            "ALTER TABLE releases ADD COLUMN revoked_at BIGINT",
            "ALTER TABLE releases ADD COLUMN revoked_reason TEXT",
        ])
}
