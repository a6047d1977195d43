extension Migration {
    /// What is searched: a document for each release, and one for each environment under the version "". It can be
    /// made again from the content store. Words are made by the program, so that the tokenizer never splits one.
    ///
    /// Readers keep the small columns in memory and ask for what changed after the `sequence` they have seen; another
    /// `epoch` says that all was made again.
    static let search = Migration(
        9, "search",
        [
            "CREATE TABLE search_state (epoch BIGINT NOT NULL, sequence BIGINT NOT NULL)",
            "INSERT INTO search_state (epoch, sequence) VALUES (1, 0)",
            """
            CREATE TABLE search_documents (
                id INTEGER NOT NULL PRIMARY KEY,
                name TEXT NOT NULL,
                version TEXT NOT NULL,
                digest TEXT NOT NULL,
                is_public BIGINT NOT NULL,
                is_newest BIGINT NOT NULL,
                is_standing BIGINT NOT NULL,
                is_removed BIGINT NOT NULL,
                published_at BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                downloads BIGINT NOT NULL,
                total BIGINT NOT NULL,
                facets TEXT NOT NULL,
                source TEXT NOT NULL,
                shown TEXT NOT NULL,
                sequence BIGINT NOT NULL)
            """,
            "CREATE UNIQUE INDEX search_documents_by_name ON search_documents (name, version)",
            "CREATE INDEX search_documents_by_sequence ON search_documents (sequence)",
            """
            CREATE TABLE search_values (
                id INTEGER NOT NULL PRIMARY KEY,
                kind TEXT NOT NULL,
                value TEXT NOT NULL COLLATE NOCASE)
            """,
            "CREATE UNIQUE INDEX search_values_by_kind ON search_values (kind, value)",
            """
            CREATE TABLE search_software (
                value BIGINT NOT NULL,
                document BIGINT NOT NULL,
                PRIMARY KEY (value, document)) WITHOUT ROWID
            """,
            "CREATE INDEX search_software_by_document ON search_software (document)",
            """
            CREATE VIRTUAL TABLE search_words
            USING fts5(words, tokenize = 'ascii', prefix = '2 3', detail = none, columnsize = 0)
            """,
            """
            CREATE VIRTUAL TABLE search_names
            USING fts5(words, tokenize = 'ascii', prefix = '2 3', detail = none, columnsize = 0)
            """,
        ] + space)

    /// What environments keep and give to nobody: boxes of drafts, and what is revoked. With it, all that takes space.
    private static let space = [
        """
        CREATE TABLE kept_blobs (
            name TEXT NOT NULL,
            digest TEXT NOT NULL,
            source TEXT NOT NULL,
            size BIGINT NOT NULL,
            PRIMARY KEY (name, digest, source))
        """,
        "CREATE INDEX kept_blobs_by_digest ON kept_blobs (digest)",
        "CREATE INDEX kept_blobs_by_source ON kept_blobs (name, source)",
        "ALTER TABLE pushed_blobs ADD COLUMN size BIGINT NOT NULL DEFAULT 0",
        """
        CREATE VIEW environment_space AS
        SELECT name, digest, source, size FROM environment_blobs
        UNION ALL SELECT name, digest, source, size FROM kept_blobs
        UNION ALL SELECT name, digest, 'pushed' AS source, size FROM pushed_blobs
        """,
    ]
}
