/// Uploads, inside one transaction.
package struct UploadRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// Inserts, or replaces what is there under the same id.
    package func save(_ row: UploadRow) throws {
        try connection.execute(
            """
            INSERT INTO uploads
                (id, owner, name, type, metadata, concat, length, state, file, digest, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET length = excluded.length, state = excluded.state, file = excluded.file,
                digest = excluded.digest, expires_at = excluded.expires_at
            """,
            [
                .text(row.id), .text(row.owner), .text(row.name), .text(row.type), .text(row.metadata),
                .optional(row.concat), .optional(row.length), .text(row.state.rawValue), .optional(row.file),
                .optional(row.digest), .integer(row.createdAt), .integer(row.expiresAt),
            ])
    }

    package func upload(_ id: String) throws -> UploadRow? {
        try connection.query("SELECT * FROM uploads WHERE id = ?", [.text(id)]).first.flatMap(Self.row)
    }

    /// Every upload in a state, oldest first.
    package func uploads(state: UploadRow.State) throws -> [UploadRow] {
        try connection.query("SELECT * FROM uploads WHERE state = ? ORDER BY id", [.text(state.rawValue)])
            .compactMap(Self.row)
    }

    /// Newest first, of these owners; nil is all of them.
    package func uploads(before cursor: String?, owners: [String]?, limit: Int) throws -> [UploadRow] {
        var conditions: [String] = []
        var arguments: [SQLValue] = []
        if let cursor {
            conditions.append("id < ?")
            arguments.append(.text(cursor))
        }
        if let owners {
            if owners.isEmpty { return [] }
            conditions.append("owner IN (\(owners.map { _ in "?" }.joined(separator: ", ")))")
            arguments += owners.map { .text($0) }
        }
        let condition = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND ")) "
        return try connection.query(
            "SELECT * FROM uploads \(condition)ORDER BY id DESC LIMIT ?", arguments + [.integer(Int64(limit))]
        ).compactMap(Self.row)
    }

    /// Forgets uploads that ended before a time.
    package func removeEnded(before time: Int64) throws {
        try connection.execute(
            "DELETE FROM uploads WHERE state <> ? AND expires_at < ?",
            [.text(UploadRow.State.receiving.rawValue), .integer(time)])
    }

    private static func row(_ row: SQLRow) -> UploadRow? {
        guard let id = row.text("id"), let owner = row.text("owner"), let name = row.text("name"),
            let type = row.text("type"), let metadata = row.text("metadata"),
            let state = row.text("state").flatMap(UploadRow.State.init(rawValue:)),
            let createdAt = row.integer("created_at"), let expiresAt = row.integer("expires_at")
        else { return nil }
        var upload = UploadRow(
            id: id, owner: owner, name: name, type: type, metadata: metadata, createdAt: createdAt,
            expiresAt: expiresAt)
        upload.concat = row.text("concat")
        upload.length = row.integer("length")
        upload.state = state
        upload.file = row.text("file")
        upload.digest = row.text("digest")
        return upload
    }
}
