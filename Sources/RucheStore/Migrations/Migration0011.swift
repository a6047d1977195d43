extension Migration {
    /// Instances: what runs and serves, or can be started again.
    static let instances = Migration(
        11, "instances",
        [
            """
            CREATE TABLE instances (
                id TEXT NOT NULL PRIMARY KEY,
                owner TEXT NOT NULL,
                name TEXT NOT NULL,
                state TEXT NOT NULL,
                release_digest TEXT NOT NULL,
                blob TEXT,
                engine TEXT NOT NULL,
                lease_end BIGINT,
                created_at BIGINT NOT NULL,
                document TEXT NOT NULL,
                UNIQUE (owner, name))
            """,
            "CREATE INDEX instances_by_blob ON instances (blob)",
        ])
}
