extension Migration {
    /// What lists show of jobs, beside their documents, which may be long.
    ///
    /// A table of its own: no list reads over documents. Jobs of before come in at the next start.
    static let queue = Migration(
        5, "queue",
        [
            """
            CREATE TABLE job_summaries (
                id TEXT NOT NULL PRIMARY KEY,
                state TEXT NOT NULL,
                owner TEXT NOT NULL,
                name TEXT,
                priority INTEGER NOT NULL,
                created_at BIGINT NOT NULL,
                summary TEXT NOT NULL)
            """,
            "CREATE INDEX job_summaries_by_state ON job_summaries (state, id)",
            "CREATE INDEX job_summaries_by_owner ON job_summaries (owner, id)",
            "CREATE INDEX job_summaries_by_owner_and_state ON job_summaries (owner, state, id)",
            "CREATE INDEX job_summaries_by_name ON job_summaries (name, id)",
        ])
}
