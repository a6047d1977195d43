/// What stays of removed releases, inside one transaction.
package struct RemovedReleaseRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// Inserts or replaces.
    package func save(_ row: RemovedReleaseRow) throws {
        try remove(stem: row.stem)
        try connection.execute(
            """
            INSERT INTO removed_releases (stem, name, owner, version, digest, summary, published_at, removed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(row.stem), .text(row.name), .text(String(row.name.prefix { $0 != "/" })), .text(row.version),
                .text(row.digest), .optional(row.summary), .integer(row.publishedAt), .integer(row.removedAt),
            ])
    }

    package func remove(stem: String) throws {
        try connection.execute("DELETE FROM removed_releases WHERE stem = ?", [.text(stem)])
    }

    package func removeAll() throws { try connection.execute("DELETE FROM removed_releases", []) }

    package func row(stem: String) throws -> RemovedReleaseRow? {
        try connection.query("SELECT * FROM removed_releases WHERE stem = ?", [.text(stem)]).first.flatMap(Self.row)
    }

    /// The last one that had a version.
    package func row(name: String, version: String) throws -> RemovedReleaseRow? {
        try connection.query(
            "SELECT * FROM removed_releases WHERE name = ? AND version = ? ORDER BY removed_at DESC LIMIT 1",
            [.text(name), .text(version)]
        ).first.flatMap(Self.row)
    }

    package func stems() throws -> Set<String> {
        Set(try connection.query("SELECT stem FROM removed_releases", []).compactMap { $0.text("stem") })
    }

    package func stems(of name: String) throws -> Set<String> {
        Set(
            try connection.query("SELECT stem FROM removed_releases WHERE name = ?", [.text(name)])
                .compactMap { $0.text("stem") })
    }

    private static func row(_ row: SQLRow) -> RemovedReleaseRow? {
        guard let stem = row.text("stem"), let name = row.text("name"), let version = row.text("version"),
            let digest = row.text("digest"), let published = row.integer("published_at"),
            let removed = row.integer("removed_at")
        else { return nil }
        return RemovedReleaseRow(
            stem: stem, name: name, version: version, digest: digest, summary: row.text("summary"),
            publishedAt: published, removedAt: removed)
    }
}
