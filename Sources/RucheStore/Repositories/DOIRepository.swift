/// DOIs, inside one transaction.
package struct DOIRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// Inserts or replaces.
    package func save(_ row: DOIRow) throws {
        try connection.execute("DELETE FROM dois WHERE doi = ?", [.text(row.doi)])
        try connection.execute(
            """
            INSERT INTO dois (doi, name, version, wanted, registered, sent, failures, failure, next_attempt_at,
                updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(row.doi), .text(row.name), .text(row.version), .text(row.wanted), .optional(row.registered),
                .optional(row.sent), .integer(row.failures), .optional(row.failure), .integer(row.nextAttemptAt),
                .integer(row.updatedAt),
            ])
    }

    /// Of the release that has the identifier: another one, which was removed, may have had the version before.
    package func doi(name: String, version: String, stem: String) throws -> DOIRow? {
        try connection.query("SELECT * FROM dois WHERE name = ? AND version = ?", [.text(name), .text(version)])
            .compactMap(Self.row).first { $0.isNamed(by: stem) }
    }

    package func doi(_ doi: String) throws -> DOIRow? {
        try connection.query("SELECT * FROM dois WHERE doi = ?", [.text(doi)]).first.flatMap(Self.row)
    }

    /// Those whose turn has come, the longest waiting first; one that went well also when its record changed since, or
    /// is gone without a trace, which is looked at again after ten seconds. Times of changes may be whole seconds.
    package func due(at time: Int64, limit: Int) throws -> [DOIRow] {
        try connection.query(
            """
            SELECT * FROM dois WHERE next_attempt_at <= ? OR (failures = 0 AND (
                EXISTS (SELECT 1 FROM environments WHERE environments.name = dois.name
                    AND environments.updated_at >= dois.updated_at / 1000 * 1000)
                OR EXISTS (SELECT 1 FROM releases WHERE releases.name = dois.name
                    AND releases.version = dois.version AND releases.revoked_at >= dois.updated_at / 1000 * 1000)
                OR EXISTS (SELECT 1 FROM removed_releases WHERE removed_releases.name = dois.name
                    AND removed_releases.version = dois.version
                    AND removed_releases.removed_at >= dois.updated_at / 1000 * 1000)
                OR (registered = 'findable' AND updated_at <= ? AND NOT EXISTS (SELECT 1 FROM identifiers
                    WHERE identifiers.name = dois.name AND identifiers.version = dois.version
                    AND dois.doi LIKE '%/' || identifiers.stem))))
            ORDER BY next_attempt_at, doi LIMIT ?
            """,
            [.integer(time), .integer(time - 10_000), .integer(Int64(limit))]
        ).compactMap(Self.row)
    }

    private static func row(_ row: SQLRow) -> DOIRow? {
        guard let doi = row.text("doi"), let name = row.text("name"), let version = row.text("version"),
            let wanted = row.text("wanted"), let next = row.integer("next_attempt_at"),
            let updated = row.integer("updated_at")
        else { return nil }
        var value = DOIRow(doi: doi, name: name, version: version, wanted: wanted, at: next)
        value.registered = row.text("registered")
        value.sent = row.text("sent")
        value.failures = row.integer("failures") ?? 0
        value.failure = row.text("failure")
        value.updatedAt = updated
        return value
    }
}
