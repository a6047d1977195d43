/// Reference databases, inside one transaction.
package struct ReferenceDatabaseRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    package func add(_ row: ReferenceDatabaseRow) throws {
        try connection.execute(
            """
            INSERT INTO reference_databases (name, version, digest, size, files, created_at) VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                .text(row.name), .text(row.version), .text(row.digest), .integer(row.size), .integer(row.files),
                .integer(row.createdAt),
            ])
    }

    /// By name; the newest version of each first. Of one name when it is given.
    package func databases(name: String? = nil) throws -> [ReferenceDatabaseRow] {
        let condition = name == nil ? "" : "WHERE name = ? "
        return try connection.query(
            "SELECT * FROM reference_databases \(condition)ORDER BY name, created_at DESC, version",
            name.map { [.text($0)] } ?? []
        ).compactMap { row in
            guard let name = row.text("name"), let version = row.text("version"), let digest = row.text("digest"),
                let size = row.integer("size"), let files = row.integer("files"),
                let createdAt = row.integer("created_at")
            else { return nil }
            return ReferenceDatabaseRow(
                name: name, version: version, digest: digest, size: size, files: files, createdAt: createdAt)
        }
    }

    package func remove(name: String, version: String) throws {
        try connection.execute(
            "DELETE FROM reference_databases WHERE name = ? AND version = ?", [.text(name), .text(version)])
    }
}
