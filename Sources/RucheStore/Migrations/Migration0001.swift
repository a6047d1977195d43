extension Migration {
    /// Events, operations, jobs, uploaded files, and the index of the catalogue.
    static let firstTables = Migration(
        1, "first tables",
        [
            """
            CREATE TABLE events (
                sequence BIGINT NOT NULL PRIMARY KEY,
                time BIGINT NOT NULL,
                subject TEXT NOT NULL,
                kind TEXT NOT NULL,
                data TEXT NOT NULL)
            """,
            "CREATE INDEX events_by_subject ON events (subject, sequence)",
            """
            CREATE TABLE operations (
                id TEXT NOT NULL PRIMARY KEY,
                kind TEXT NOT NULL,
                title TEXT NOT NULL,
                state TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                ended_at BIGINT,
                progress DOUBLE PRECISION,
                result TEXT,
                failure TEXT)
            """,
            "CREATE INDEX operations_by_state ON operations (state)",
            """
            CREATE TABLE jobs (
                id TEXT NOT NULL PRIMARY KEY,
                state TEXT NOT NULL,
                document TEXT NOT NULL)
            """,
            "CREATE INDEX jobs_by_state ON jobs (state, id)",
            """
            CREATE TABLE files (
                digest TEXT NOT NULL,
                name TEXT NOT NULL,
                size BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (digest, name))
            """,
            """
            CREATE TABLE releases (
                name TEXT NOT NULL,
                version TEXT NOT NULL,
                digest TEXT NOT NULL,
                published_at BIGINT NOT NULL,
                summary TEXT,
                size BIGINT NOT NULL,
                is_pipeline INTEGER NOT NULL,
                variants TEXT NOT NULL,
                PRIMARY KEY (name, version))
            """,
            """
            CREATE TABLE tags (
                name TEXT NOT NULL,
                tag TEXT NOT NULL,
                version TEXT NOT NULL,
                PRIMARY KEY (name, tag))
            """,
        ])
}
