/// A row of the owners table: a person or an organisation.
package struct OwnerRow: Hashable, Sendable {
    package var name: String
    package var kind: String
    package var displayName: String
    /// Whether everybody with an account may read its releases.
    package var sharesReleases: Bool
    package var createdAt: Int64

    package init(name: String, kind: String, displayName: String, sharesReleases: Bool, createdAt: Int64) {
        self.name = name
        self.kind = kind
        self.displayName = displayName
        self.sharesReleases = sharesReleases
        self.createdAt = createdAt
    }
}

/// A row of the memberships table.
package struct MembershipRow: Hashable, Sendable {
    package var owner: String
    package var user: String
    package var role: String

    package init(owner: String, user: String, role: String) {
        self.owner = owner
        self.user = user
        self.role = role
    }
}

/// Owners and their members, inside one transaction.
package struct OwnerRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    package func insert(_ row: OwnerRow) throws {
        try connection.execute(
            "INSERT INTO owners (name, kind, display_name, shares_releases, created_at) VALUES (?, ?, ?, ?, ?)",
            [
                .text(row.name), .text(row.kind), .text(row.displayName), .integer(row.sharesReleases ? 1 : 0),
                .integer(row.createdAt),
            ])
    }

    package func update(_ row: OwnerRow) throws {
        try connection.execute(
            "UPDATE owners SET display_name = ?, shares_releases = ? WHERE name = ?",
            [.text(row.displayName), .integer(row.sharesReleases ? 1 : 0), .text(row.name)])
    }

    package func owner(_ name: String) throws -> OwnerRow? {
        try connection.query("SELECT * FROM owners WHERE name = ?", [.text(name)]).first.flatMap(Self.row)
    }

    /// By name, after `cursor`; only `names` when they are given.
    package func owners(after cursor: String?, names: [String]?, limit: Int) throws -> [OwnerRow] {
        var condition = SQLCondition()
        if let cursor { condition.add("name > ?", .text(cursor)) }
        condition.add("name", among: names)
        return try connection.query(
            "SELECT * FROM owners \(condition.clause)ORDER BY name LIMIT ?",
            condition.arguments + [.integer(Int64(limit))]
        ).compactMap(Self.row)
    }

    /// Names of those that show their releases to everybody with an account.
    package func sharing() throws -> [String] {
        try connection.query("SELECT name FROM owners WHERE shares_releases = 1", []).compactMap { $0.text("name") }
    }

    /// Removes it with its memberships, its quota and the tokens that were made for it alone.
    package func remove(_ name: String) throws {
        for table in ["memberships", "tokens"] {
            try connection.execute("DELETE FROM \(table) WHERE owner_name = ?", [.text(name)])
        }
        try connection.execute("DELETE FROM quotas WHERE owner = ?", [.text(name)])
        try connection.execute("DELETE FROM owners WHERE name = ?", [.text(name)])
    }

    /// What an owner has, with how many of each; without what it has none of.
    package func holdings(of name: String) throws -> [(noun: String, count: Int64)] {
        // Uploads that became files, or came to nothing, are only remembered; parts still wait to be put together.
        let open = "uploads WHERE owner = ? AND (state = 'receiving' OR (state = 'complete' AND concat = 'partial'))"
        let owned = try [
            ("job", "jobs WHERE owner = ?"), ("file", "files WHERE owner = ?"), ("upload", open),
            ("webhook", "webhooks WHERE owner = ?"), ("instance", "instances WHERE owner = ?"),
        ].map { noun, condition in (noun: noun, count: try count(condition, [.text(name)])) }
        let releases = try count("releases WHERE name > ? AND name < ?", [.text("\(name)/"), .text("\(name)0")])
        return (owned + [(noun: "release", count: releases)]).filter { $0.count > 0 }
    }

    private func count(_ condition: String, _ arguments: [SQLValue]) throws -> Int64 {
        try connection.query("SELECT COUNT(*) AS number FROM \(condition)", arguments).first?.integer("number") ?? 0
    }

    // MARK: Members

    package func setRole(_ row: MembershipRow) throws {
        try connection.execute(
            """
            INSERT INTO memberships (owner_name, user_name, role) VALUES (?, ?, ?)
            ON CONFLICT (owner_name, user_name) DO UPDATE SET role = excluded.role
            """, [.text(row.owner), .text(row.user), .text(row.role)])
    }

    package func removeMember(_ user: String, of owner: String) throws {
        try connection.execute(
            "DELETE FROM memberships WHERE owner_name = ? AND user_name = ?", [.text(owner), .text(user)])
    }

    package func members(of owner: String) throws -> [MembershipRow] {
        try connection.query(
            "SELECT * FROM memberships WHERE owner_name = ? ORDER BY user_name", [.text(owner)]
        ).compactMap(Self.membership)
    }

    package func memberships(of user: String) throws -> [MembershipRow] {
        try connection.query(
            "SELECT * FROM memberships WHERE user_name = ? ORDER BY owner_name", [.text(user)]
        ).compactMap(Self.membership)
    }

    private static func membership(_ row: SQLRow) -> MembershipRow? {
        guard let owner = row.text("owner_name"), let user = row.text("user_name"), let role = row.text("role") else {
            return nil
        }
        return MembershipRow(owner: owner, user: user, role: role)
    }

    private static func row(_ row: SQLRow) -> OwnerRow? {
        guard let name = row.text("name"), let kind = row.text("kind"), let displayName = row.text("display_name"),
            let createdAt = row.integer("created_at")
        else { return nil }
        return OwnerRow(
            name: name, kind: kind, displayName: displayName, sharesReleases: row.integer("shares_releases") == 1,
            createdAt: createdAt)
    }
}
