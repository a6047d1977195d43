package import RucheCore

/// Files of the site, inside one transaction. Uploaded ones keep their blob from garbage collection.
package struct FileRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    package func save(_ row: FileRow) throws {
        try connection.execute(
            """
            INSERT INTO files (id, owner, name, size, digest, type, origin, job, path, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, type = excluded.type
            """,
            [
                .text(row.id), .text(row.owner), .text(row.name), .integer(row.size), .text(row.digest),
                .text(row.type), .text(row.origin), .optional(row.job), .optional(row.path), .integer(row.createdAt),
            ])
    }

    package func file(_ id: String) throws -> FileRow? {
        try connection.query("SELECT * FROM files WHERE id = ?", [.text(id)]).first.flatMap(Self.row)
    }

    /// Every uploaded file with a content, oldest first.
    package func uploads(digest: String) throws -> [FileRow] {
        try connection.query(
            "SELECT * FROM files WHERE digest = ? AND origin = ? ORDER BY id", [.text(digest), .text(FileRow.upload)]
        ).compactMap(Self.row)
    }

    /// The same content under the same name of the same owner, uploaded before.
    package func same(as row: FileRow) throws -> FileRow? {
        try uploads(digest: row.digest).first { $0.owner == row.owner && $0.name == row.name }
    }

    /// Newest first.
    package func files(_ filter: FileFilter, limit: Int) throws -> [FileRow] {
        var conditions: [String] = []
        var arguments: [SQLValue] = []
        func require(_ condition: String, _ value: String?) {
            guard let value else { return }
            conditions.append(condition)
            arguments.append(.text(value))
        }
        require("id < ?", filter.before)
        require("name = ?", filter.name)
        require("digest = ?", filter.digest)
        require("job = ?", filter.job)
        if let owners = filter.owners {
            if owners.isEmpty { return [] }
            conditions.append("owner IN (\(owners.map { _ in "?" }.joined(separator: ", ")))")
            arguments += owners.map { .text($0) }
        }
        let condition = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND ")) "
        return try connection.query(
            "SELECT * FROM files \(condition)ORDER BY id DESC LIMIT ?", arguments + [.integer(Int64(limit))]
        ).compactMap(Self.row)
    }

    package func remove(_ id: String) throws {
        try connection.execute("DELETE FROM companions WHERE file = ? OR companion = ?", [.text(id), .text(id)])
        try connection.execute("DELETE FROM files WHERE id = ?", [.text(id)])
    }

    /// Replaces the outputs of a job; none leaves what is there.
    package func save(_ outputs: [FileRow], job: String) throws {
        if outputs.isEmpty { return }
        try remove(job: job)
        for row in outputs { try save(row) }
    }

    /// Removes the files that are outputs of a job.
    package func remove(job: String) throws {
        try connection.execute("DELETE FROM files WHERE job = ?", [.text(job)])
    }

    // MARK: Companions

    /// The files that go with a file into a job.
    package func companions(of id: String) throws -> [FileRow] {
        try connection.query(
            """
            SELECT files.* FROM companions JOIN files ON files.id = companions.companion
            WHERE companions.file = ? ORDER BY files.name
            """, [.text(id)]
        ).compactMap(Self.row)
    }

    /// Replaces the companions of a file.
    package func setCompanions(_ companions: [String], of id: String) throws {
        try connection.execute("DELETE FROM companions WHERE file = ?", [.text(id)])
        for companion in companions {
            try connection.execute(
                "INSERT INTO companions (file, companion) VALUES (?, ?)", [.text(id), .text(companion)])
        }
    }

    private static func row(_ row: SQLRow) -> FileRow? {
        guard let id = row.text("id"), let owner = row.text("owner"), let name = row.text("name"),
            let size = row.integer("size"), let digest = row.text("digest"), let type = row.text("type"),
            let origin = row.text("origin"), let createdAt = row.integer("created_at")
        else { return nil }
        var file = FileRow(
            id: id, owner: owner, name: name, size: size, digest: digest, type: type, createdAt: createdAt)
        file.origin = origin
        file.job = row.text("job")
        file.path = row.text("path")
        return file
    }
}
