/// A row of the index of the catalogue. Times are milliseconds since 1970.
package struct ReleaseRow: Hashable, Sendable {
    package var name: String
    package var version: String
    package var digest: String
    package var publishedAt: Int64
    package var summary: String?
    package var size: Int64
    package var isPipeline: Bool
    /// Formats, such as `oci,lxd`.
    package var variants: [String]
    package var revokedAt: Int64?
    package var revokedReason: String?

    package init(name: String, version: String, digest: String, publishedAt: Int64) {
        self.name = name
        self.version = version
        self.digest = digest
        self.publishedAt = publishedAt
        size = 0
        isPipeline = false
        variants = []
    }
}

/// A row of the tags of the catalogue.
package struct TagRow: Hashable, Sendable {
    package var name: String
    package var tag: String
    package var version: String
    package init(name: String, tag: String, version: String) {
        self.name = name
        self.tag = tag
        self.version = version
    }
}

/// Where a page of releases begins: after this release in the order of the list.
package struct ReleaseCursor: Hashable, Sendable {
    package var name: String
    package var publishedAt: Int64
    package var version: String
    package init(name: String, publishedAt: Int64, version: String) {
        self.name = name
        self.publishedAt = publishedAt
        self.version = version
    }
}

/// The index of the catalogue, inside one transaction. It can be made again from the content store.
package struct ReleaseRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// Inserts or replaces.
    package func save(_ row: ReleaseRow) throws {
        try remove(name: row.name, version: row.version)
        try connection.execute(
            """
            INSERT INTO releases (name, version, digest, published_at, summary, size, is_pipeline, variants,
                revoked_at, revoked_reason)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(row.name), .text(row.version), .text(row.digest), .integer(row.publishedAt),
                row.summary.map { .text($0) } ?? .null, .integer(row.size), .integer(row.isPipeline ? 1 : 0),
                .text(row.variants.joined(separator: ",")), row.revokedAt.map { .integer($0) } ?? .null,
                row.revokedReason.map { .text($0) } ?? .null,
            ])
    }

    package func remove(name: String, version: String) throws {
        try connection.execute("DELETE FROM releases WHERE name = ? AND version = ?", [.text(name), .text(version)])
    }

    package func setTags(_ tags: [TagRow], of name: String) throws {
        try connection.execute("DELETE FROM tags WHERE name = ?", [.text(name)])
        for tag in tags {
            try connection.execute(
                "INSERT INTO tags (name, tag, version) VALUES (?, ?, ?)",
                [.text(tag.name), .text(tag.tag), .text(tag.version)])
        }
    }

    package func removeAll() throws {
        try connection.execute("DELETE FROM releases", [])
        try connection.execute("DELETE FROM tags", [])
    }

    /// By name, newest first; only those of `owners` when they are given, and of public environments. `text` is looked for in names and
    /// summaries, in any case.
    package func releases(
        after cursor: ReleaseCursor?, name: String?, text: String?, owners: [String]? = nil, limit: Int
    ) throws -> [ReleaseRow] {
        var conditions: [String] = []
        var arguments: [SQLValue] = []
        if let owners {
            // Every name of an owner is between "owner/" and "owner0", the character after the slash.
            let shown = "name IN (SELECT name FROM environments WHERE visibility = 'public')"
            conditions.append(
                "(\(([shown] + owners.map { _ in "(name > ? AND name < ?)" }).joined(separator: " OR ")))")
            arguments += owners.flatMap { [.text("\($0)/"), .text("\($0)0")] }
        }
        if let name {
            conditions.append("name = ?")
            arguments.append(.text(name))
        }
        if let text {
            let pattern = SQLValue.text("%" + Self.escaped(text.lowercased()) + "%")
            conditions.append("(LOWER(name) LIKE ? ESCAPE '!' OR LOWER(summary) LIKE ? ESCAPE '!')")
            arguments += [pattern, pattern]
        }
        if let cursor {
            conditions.append(
                "(name > ? OR (name = ? AND (published_at < ? OR (published_at = ? AND version > ?))))")
            arguments += [
                .text(cursor.name), .text(cursor.name), .integer(cursor.publishedAt), .integer(cursor.publishedAt),
                .text(cursor.version),
            ]
        }
        let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND ")) "
        return try connection.query(
            "SELECT * FROM releases \(filter)ORDER BY name, published_at DESC, version LIMIT ?",
            arguments + [.integer(Int64(limit))]
        ).compactMap(Self.row)
    }

    package func release(name: String, version: String) throws -> ReleaseRow? {
        try connection.query(
            "SELECT * FROM releases WHERE name = ? AND version = ?", [.text(name), .text(version)]
        ).first.flatMap(Self.row)
    }

    /// Tags of one environment, or of all.
    package func tags(of name: String?) throws -> [TagRow] {
        let filter = name == nil ? "" : "WHERE name = ? "
        return try connection.query(
            "SELECT * FROM tags \(filter)ORDER BY name, tag", name.map { [.text($0)] } ?? []
        ).compactMap { row in
            guard let name = row.text("name"), let tag = row.text("tag"), let version = row.text("version") else {
                return nil
            }
            return TagRow(name: name, tag: tag, version: version)
        }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("!", with: "!!").replacing("%", with: "!%").replacing("_", with: "!_")
    }

    private static func row(_ row: SQLRow) -> ReleaseRow? {
        guard let name = row.text("name"), let version = row.text("version"), let digest = row.text("digest"),
            let publishedAt = row.integer("published_at")
        else { return nil }
        var release = ReleaseRow(name: name, version: version, digest: digest, publishedAt: publishedAt)
        release.summary = row.text("summary")
        release.size = row.integer("size") ?? 0
        release.isPipeline = row.integer("is_pipeline") == 1
        release.variants = (row.text("variants") ?? "").split(separator: ",").map(String.init)
        release.revokedAt = row.integer("revoked_at")
        release.revokedReason = row.text("revoked_reason")
        return release
    }
}
