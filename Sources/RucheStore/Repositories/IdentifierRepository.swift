/// Persistent identifiers, inside one transaction.
package struct IdentifierRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// Keeps what is there already for the same thing: an identifier is made once.
    package func save(_ row: IdentifierRow) throws {
        if let old = try identifier(name: row.name, version: row.version), old.stem == row.stem {
            guard old.swhid == nil, row.swhid != nil else { return }
        }
        try remove(name: row.name, version: row.version)
        try connection.execute(
            "INSERT INTO identifiers (name, version, stem, digest, swhid, minted_at) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(row.name), .text(row.version), .text(row.stem), .optional(row.digest), .optional(row.swhid),
                .integer(row.mintedAt),
            ])
    }

    package func remove(name: String, version: String) throws {
        try connection.execute(
            "DELETE FROM identifiers WHERE name = ? AND version = ?", [.text(name), .text(version)])
    }

    package func removeAll() throws { try connection.execute("DELETE FROM identifiers", []) }

    /// The environment's own with an empty version.
    package func identifier(name: String, version: String = "") throws -> IdentifierRow? {
        try connection.query(
            "SELECT * FROM identifiers WHERE name = ? AND version = ?", [.text(name), .text(version)]
        ).first.flatMap(Self.row)
    }

    /// Of an environment and all its releases.
    package func identifiers(of name: String) throws -> [IdentifierRow] {
        try connection.query("SELECT * FROM identifiers WHERE name = ?", [.text(name)]).compactMap(Self.row)
    }

    package func identifier(stem: String) throws -> IdentifierRow? {
        try connection.query("SELECT * FROM identifiers WHERE stem = ?", [.text(stem)]).first.flatMap(Self.row)
    }

    /// Names and versions that have none, the version of an environment's own being empty.
    package func missing() throws -> [(name: String, version: String)] {
        try connection.query(
            """
            SELECT name, version FROM releases WHERE NOT EXISTS (
                SELECT 1 FROM identifiers WHERE identifiers.name = releases.name
                AND identifiers.version = releases.version AND identifiers.digest = releases.digest)
            UNION ALL SELECT name, '' AS version FROM environments WHERE NOT EXISTS (
                SELECT 1 FROM identifiers WHERE identifiers.name = environments.name AND identifiers.version = '')
            """, []
        ).compactMap { row in
            guard let name = row.text("name"), let version = row.text("version") else { return nil }
            return (name, version)
        }
    }

    private static func row(_ row: SQLRow) -> IdentifierRow? {
        guard let name = row.text("name"), let version = row.text("version"), let stem = row.text("stem"),
            let mintedAt = row.integer("minted_at")
        else { return nil }
        var identifier = IdentifierRow(
            name: name, version: version, stem: stem, digest: row.text("digest"), mintedAt: mintedAt)
        identifier.swhid = row.text("swhid")
        return identifier
    }
}
