extension Migration {
    /// Files with an identity, an owner and an origin; uploads; quotas; companions; reference databases.
    ///
    /// Files that were there before get identifiers from a count: lower than any made since.
    static let filesAndUploads = Migration(
        3, "files and uploads",
        [
            "ALTER TABLE files RENAME TO files_before",
            """
            CREATE TABLE files (
                id TEXT NOT NULL PRIMARY KEY,
                owner TEXT NOT NULL,
                name TEXT NOT NULL,
                size BIGINT NOT NULL,
                digest TEXT NOT NULL,
                type TEXT NOT NULL,
                origin TEXT NOT NULL,
                job TEXT,
                path TEXT,
                created_at BIGINT NOT NULL)
            """,
            """
            INSERT INTO files (id, owner, name, size, digest, type, origin, created_at)
            SELECT SUBSTR('00000000000000000000000000', 1, 26 - LENGTH(CAST(number AS TEXT))) || CAST(number AS TEXT),
                'local', name, size, digest, 'application/octet-stream', 'upload', created_at
            FROM (SELECT ROW_NUMBER() OVER (ORDER BY created_at, digest, name) AS number, digest, name, size, created_at
                FROM files_before) AS numbered
            """,
            "DROP TABLE files_before",
            "CREATE INDEX files_by_digest ON files (digest)",
            "CREATE INDEX files_by_owner ON files (owner, id)",
            "CREATE INDEX files_by_job ON files (job)",
            """
            CREATE TABLE uploads (
                id TEXT NOT NULL PRIMARY KEY,
                owner TEXT NOT NULL,
                name TEXT NOT NULL,
                type TEXT NOT NULL,
                metadata TEXT NOT NULL,
                concat TEXT,
                length BIGINT,
                state TEXT NOT NULL,
                file TEXT,
                digest TEXT,
                created_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL)
            """,
            "CREATE INDEX uploads_by_state ON uploads (state, expires_at)",
            "CREATE INDEX uploads_by_owner ON uploads (owner, id)",
            "CREATE TABLE quotas (owner TEXT NOT NULL PRIMARY KEY, bytes BIGINT NOT NULL)",
            """
            CREATE TABLE companions (
                file TEXT NOT NULL,
                companion TEXT NOT NULL,
                PRIMARY KEY (file, companion))
            """,
            "CREATE INDEX companions_by_companion ON companions (companion)",
            """
            CREATE TABLE reference_databases (
                name TEXT NOT NULL,
                version TEXT NOT NULL,
                digest TEXT NOT NULL,
                size BIGINT NOT NULL,
                files BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (name, version))
            """,
        ])
}
