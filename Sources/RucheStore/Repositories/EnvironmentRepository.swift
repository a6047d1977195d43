/// The index of environments, inside one transaction.
package struct EnvironmentRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// Inserts or replaces.
    package func save(_ row: EnvironmentRow) throws {
        try connection.execute("DELETE FROM environments WHERE name = ?", [.text(row.name)])
        try connection.execute(
            """
            INSERT INTO environments (name, owner, visibility, summary, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                .text(row.name), .text(row.owner), .text(row.visibility), row.summary.map { .text($0) } ?? .null,
                .integer(row.createdAt), .integer(row.updatedAt),
            ])
    }

    package func remove(_ name: String) throws {
        for table in ["environments", "environment_blobs", "kept_blobs", "pushed_blobs"] {
            try connection.execute("DELETE FROM \(table) WHERE name = ?", [.text(name)])
        }
    }

    package func removeAll() throws { try connection.execute("DELETE FROM environments", []) }

    package func environment(_ name: String) throws -> EnvironmentRow? {
        try connection.query("SELECT * FROM environments WHERE name = ?", [.text(name)]).first.flatMap(Self.row)
    }

    /// By name, after `cursor`. With `owners`, only theirs, and those that everybody may see when `orPublic`.
    package func environments(
        after cursor: String? = nil, owners: [String]?, orPublic: Bool = true, limit: Int
    ) throws -> [EnvironmentRow] {
        var condition = SQLCondition()
        if let cursor { condition.add("name > ?", .text(cursor)) }
        condition.add(visibleTo: owners, orPublic: orPublic)
        return try connection.query(
            "SELECT * FROM environments \(condition.clause)ORDER BY name LIMIT ?",
            condition.arguments + [.integer(Int64(limit))]
        ).compactMap(Self.row)
    }

    /// How often the variants of an environment, or of one version, were fetched.
    package func downloads(of name: String, version: String? = nil) throws -> Int64 {
        let filter = version == nil ? "" : " AND version = ?"
        return try connection.query(
            "SELECT COALESCE(SUM(count), 0) AS total FROM downloads WHERE name = ?\(filter)",
            [.text(name)] + (version.map { [.text($0)] } ?? [])
        ).first?.integer("total") ?? 0
    }

    package func count(_ downloads: Int64, of name: String, version: String, variant: String) throws {
        try connection.execute(
            """
            INSERT INTO downloads (name, version, variant, count) VALUES (?, ?, ?, ?)
            ON CONFLICT (name, version, variant) DO UPDATE SET count = downloads.count + excluded.count
            """,
            [.text(name), .text(version), .text(variant), .integer(downloads)])
    }

    private static func row(_ row: SQLRow) -> EnvironmentRow? {
        guard let name = row.text("name"), let owner = row.text("owner"), let visibility = row.text("visibility"),
            let createdAt = row.integer("created_at"), let updatedAt = row.integer("updated_at")
        else { return nil }
        return EnvironmentRow(
            name: name, owner: owner, visibility: visibility, summary: row.text("summary"), createdAt: createdAt,
            updatedAt: updatedAt)
    }
}

extension SQLCondition {
    /// Rows of `environments` that who reads the things of `owners` may see.
    mutating func add(visibleTo owners: [String]?, orPublic: Bool = true) {
        guard let owners else { return }
        guard orPublic else { return add("owner", among: owners) }
        guard !owners.isEmpty else { return add("visibility = 'public'") }
        let marks = owners.map { _ in "?" }.joined(separator: ", ")
        add("(visibility = 'public' OR owner IN (\(marks)))", owners.map { .text($0) })
    }
}
