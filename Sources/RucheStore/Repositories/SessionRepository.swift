/// A row of the sessions table. Only the SHA-256 of the cookie's value is kept.
package struct SessionRow: Hashable, Sendable {
    package var hash: String
    package var user: String
    /// What unsafe requests must carry beside the cookie.
    package var csrf: String
    package var createdAt: Int64
    package var usedAt: Int64

    package init(hash: String, user: String, csrf: String, createdAt: Int64, usedAt: Int64) {
        self.hash = hash
        self.user = user
        self.csrf = csrf
        self.createdAt = createdAt
        self.usedAt = usedAt
    }
}

/// Sessions, inside one transaction.
package struct SessionRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    package func insert(_ row: SessionRow) throws {
        try connection.execute(
            "INSERT INTO sessions (hash, user_name, csrf, created_at, used_at) VALUES (?, ?, ?, ?, ?)",
            [.text(row.hash), .text(row.user), .text(row.csrf), .integer(row.createdAt), .integer(row.usedAt)])
    }

    package func session(hash: String) throws -> SessionRow? {
        try connection.query("SELECT * FROM sessions WHERE hash = ?", [.text(hash)]).first.flatMap { row in
            guard let hash = row.text("hash"), let user = row.text("user_name"), let csrf = row.text("csrf"),
                let createdAt = row.integer("created_at"), let usedAt = row.integer("used_at")
            else { return nil }
            return SessionRow(hash: hash, user: user, csrf: csrf, createdAt: createdAt, usedAt: usedAt)
        }
    }

    package func used(_ hash: String, at time: Int64) throws {
        try connection.execute("UPDATE sessions SET used_at = ? WHERE hash = ?", [.integer(time), .text(hash)])
    }

    package func remove(_ hash: String) throws {
        try connection.execute("DELETE FROM sessions WHERE hash = ?", [.text(hash)])
    }

    package func removeAll(of user: String) throws {
        try connection.execute("DELETE FROM sessions WHERE user_name = ?", [.text(user)])
    }

    /// Removes those that were last used, or made, before these times.
    package func removeExpired(usedBefore used: Int64, createdBefore created: Int64) throws {
        try connection.execute(
            "DELETE FROM sessions WHERE used_at < ? OR created_at < ?", [.integer(used), .integer(created)])
    }
}
