/// A row of the users table.
package struct UserRow: Hashable, Sendable {
    package var name: String
    package var displayName: String
    /// The hash with its parameters; nil for who can't log in with one.
    package var password: String?
    package var siteRole: String?
    package var isDisabled: Bool
    package var createdAt: Int64

    package init(name: String, displayName: String, createdAt: Int64) {
        self.name = name
        self.displayName = displayName
        self.createdAt = createdAt
        isDisabled = false
    }
}

/// Users, inside one transaction.
package struct UserRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    package func insert(_ row: UserRow) throws {
        try connection.execute(
            """
            INSERT INTO users (name, display_name, password, site_role, is_disabled, created_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                .text(row.name), .text(row.displayName), .optional(row.password), .optional(row.siteRole),
                .integer(row.isDisabled ? 1 : 0), .integer(row.createdAt),
            ])
    }

    package func update(_ row: UserRow) throws {
        try connection.execute(
            "UPDATE users SET display_name = ?, password = ?, site_role = ?, is_disabled = ? WHERE name = ?",
            [
                .text(row.displayName), .optional(row.password), .optional(row.siteRole),
                .integer(row.isDisabled ? 1 : 0), .text(row.name),
            ])
    }

    package func user(_ name: String) throws -> UserRow? {
        try connection.query("SELECT * FROM users WHERE name = ?", [.text(name)]).first.flatMap(Self.row)
    }

    /// By name, after `cursor`.
    package func users(after cursor: String?, limit: Int) throws -> [UserRow] {
        var condition = SQLCondition()
        if let cursor { condition.add("name > ?", .text(cursor)) }
        return try connection.query(
            "SELECT * FROM users \(condition.clause)ORDER BY name LIMIT ?",
            condition.arguments + [.integer(Int64(limit))]
        ).compactMap(Self.row)
    }

    /// Whether there is a user with this role who is not disabled.
    package func hasActive(siteRole: String) throws -> Bool {
        try !connection.query(
            "SELECT name FROM users WHERE site_role = ? AND is_disabled = 0 LIMIT 1", [.text(siteRole)]
        ).isEmpty
    }

    /// Removes the user with memberships, tokens and sessions.
    package func remove(_ name: String) throws {
        for table in ["memberships", "tokens", "sessions"] {
            try connection.execute("DELETE FROM \(table) WHERE user_name = ?", [.text(name)])
        }
        try connection.execute("DELETE FROM users WHERE name = ?", [.text(name)])
    }

    private static func row(_ row: SQLRow) -> UserRow? {
        guard let name = row.text("name"), let displayName = row.text("display_name"),
            let createdAt = row.integer("created_at")
        else { return nil }
        var user = UserRow(name: name, displayName: displayName, createdAt: createdAt)
        user.password = row.text("password")
        user.siteRole = row.text("site_role")
        user.isDisabled = row.integer("is_disabled") == 1
        return user
    }
}
