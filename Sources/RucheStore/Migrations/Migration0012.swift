extension Migration {
    /// What stays of public releases that were removed; a copy of what is beside the names in the content store. And the
    /// number of the search's changes that are no downloads.
    static let removedReleases = Migration(
        12, "removed releases",
        [
            """
            CREATE TABLE removed_releases (
                stem TEXT NOT NULL PRIMARY KEY,
                name TEXT NOT NULL,
                owner TEXT NOT NULL,
                version TEXT NOT NULL,
                digest TEXT NOT NULL,
                summary TEXT,
                published_at BIGINT NOT NULL,
                removed_at BIGINT NOT NULL)
            """,
            "CREATE INDEX removed_releases_by_name ON removed_releases (name, version)",
            "ALTER TABLE search_state ADD COLUMN revision BIGINT NOT NULL DEFAULT 0",
        ])
}
