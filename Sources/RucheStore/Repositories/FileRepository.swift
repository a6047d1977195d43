/// A row of the files table: an uploaded file whose content is a blob.
package struct FileRow: Hashable, Sendable {
    package var digest: String
    package var name: String
    package var size: Int64
    package var createdAt: Int64

    package init(digest: String, name: String, size: Int64, createdAt: Int64) {
        self.digest = digest
        self.name = name
        self.size = size
        self.createdAt = createdAt
    }
}

/// Uploaded files, inside one transaction. What is here keeps its blob from garbage collection.
package struct FileRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// The same content under the same name again is no error.
    package func save(_ row: FileRow) throws {
        try connection.execute(
            """
            INSERT INTO files (digest, name, size, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (digest, name) DO NOTHING
            """,
            [.text(row.digest), .text(row.name), .integer(row.size), .integer(row.createdAt)])
    }

    /// Every name under which a content was uploaded.
    package func files(digest: String) throws -> [FileRow] {
        try connection.query("SELECT * FROM files WHERE digest = ? ORDER BY created_at, name", [.text(digest)])
            .compactMap(Self.row)
    }

    package func remove(digest: String) throws {
        try connection.execute("DELETE FROM files WHERE digest = ?", [.text(digest)])
    }

    private static func row(_ row: SQLRow) -> FileRow? {
        guard let digest = row.text("digest"), let name = row.text("name"), let size = row.integer("size"),
            let createdAt = row.integer("created_at")
        else { return nil }
        return FileRow(digest: digest, name: name, size: size, createdAt: createdAt)
    }
}
