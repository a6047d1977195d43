/// A row of the tokens table. Only the SHA-256 of a token is kept.
package struct TokenRow: Hashable, Sendable {
    package var id: String
    package var user: String
    package var name: String
    package var hash: String
    /// Rights between commas.
    package var rights: String
    package var owner: String?
    package var createdAt: Int64
    package var expiresAt: Int64?
    package var usedAt: Int64?

    package init(id: String, user: String, name: String, hash: String, rights: String, createdAt: Int64) {
        self.id = id
        self.user = user
        self.name = name
        self.hash = hash
        self.rights = rights
        self.createdAt = createdAt
    }
}

/// Tokens, inside one transaction.
package struct TokenRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    package func insert(_ row: TokenRow) throws {
        try connection.execute(
            """
            INSERT INTO tokens (id, user_name, name, hash, rights, owner_name, created_at, expires_at, used_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(row.id), .text(row.user), .text(row.name), .text(row.hash), .text(row.rights),
                .optional(row.owner), .integer(row.createdAt), .optional(row.expiresAt), .optional(row.usedAt),
            ])
    }

    package func token(hash: String) throws -> TokenRow? {
        try connection.query("SELECT * FROM tokens WHERE hash = ?", [.text(hash)]).first.flatMap(Self.row)
    }

    package func token(id: String) throws -> TokenRow? {
        try connection.query("SELECT * FROM tokens WHERE id = ?", [.text(id)]).first.flatMap(Self.row)
    }

    /// Newest first, before `cursor`; of one user when it is given.
    package func tokens(of user: String?, before cursor: String?, limit: Int) throws -> [TokenRow] {
        var condition = SQLCondition()
        if let user { condition.add("user_name = ?", .text(user)) }
        if let cursor { condition.add("id < ?", .text(cursor)) }
        return try connection.query(
            "SELECT * FROM tokens \(condition.clause)ORDER BY id DESC LIMIT ?",
            condition.arguments + [.integer(Int64(limit))]
        ).compactMap(Self.row)
    }

    package func used(_ id: String, at time: Int64) throws {
        try connection.execute("UPDATE tokens SET used_at = ? WHERE id = ?", [.integer(time), .text(id)])
    }

    package func remove(_ id: String) throws {
        try connection.execute("DELETE FROM tokens WHERE id = ?", [.text(id)])
    }

    private static func row(_ row: SQLRow) -> TokenRow? {
        guard let id = row.text("id"), let user = row.text("user_name"), let name = row.text("name"),
            let hash = row.text("hash"), let rights = row.text("rights"), let createdAt = row.integer("created_at")
        else { return nil }
        var token = TokenRow(id: id, user: user, name: name, hash: hash, rights: rights, createdAt: createdAt)
        token.owner = row.text("owner_name")
        token.expiresAt = row.integer("expires_at")
        token.usedAt = row.integer("used_at")
        return token
    }
}
