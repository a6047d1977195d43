extension Migration {
    /// Persistent identifiers of environments and releases (made from what they name, so they can be made again), and
    /// how far each DOI is at its registration agency.
    static let identifiers = Migration(
        10, "identifiers",
        [
            """
            CREATE TABLE identifiers (
                name TEXT NOT NULL,
                version TEXT NOT NULL,
                stem TEXT NOT NULL,
                digest TEXT,
                swhid TEXT,
                minted_at BIGINT NOT NULL,
                PRIMARY KEY (name, version))
            """,
            "CREATE INDEX identifiers_by_stem ON identifiers (stem)",
            """
            CREATE TABLE dois (
                doi TEXT NOT NULL PRIMARY KEY,
                name TEXT NOT NULL,
                version TEXT NOT NULL,
                wanted TEXT NOT NULL,
                registered TEXT,
                sent TEXT,
                failures BIGINT NOT NULL,
                failure TEXT,
                next_attempt_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL)
            """,
            "CREATE INDEX dois_by_release ON dois (name, version)",
            "CREATE INDEX dois_by_attempt ON dois (next_attempt_at)",
        ])
}
