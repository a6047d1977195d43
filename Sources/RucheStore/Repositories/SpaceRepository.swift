/// Bytes that environments take, each blob counted once in each thing, inside one transaction.
package struct SpaceRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// What is told apart.
    package enum Level: Sendable {
        case owners
        case environments(owner: String)
        /// Releases, drafts, and what was pushed under no version.
        case sources(name: String)
    }

    private static let owner = "SUBSTR(name, 1, INSTR(name, '/') - 1)"

    /// The bytes of each, and of those the bytes that nothing else of its level has: on the site for owners, of the
    /// same owner below. What others have is not told.
    package func use(_ level: Level) throws -> [SpaceRow] {
        let thing: String
        var (condition, others) = (SQLCondition(), SQLCondition())
        switch level {
        case .owners: thing = Self.owner
        case .environments(let owner):
            (thing, condition, others) = ("name", Self.of(owner), Self.of(owner))
        case .sources(let name):
            thing = "name || ' ' || source"
            condition.add("name = ?", .text(name))
            others = Self.of(String(name.prefix { $0 != "/" }))
        }
        let among = others.parts.isEmpty ? "" : " AND \(others.parts.joined(separator: " AND "))"
        return try connection.query(
            """
            SELECT thing, SUM(size) AS bytes, SUM(CASE WHEN holders = 1 THEN size ELSE 0 END) AS unique_bytes
            FROM (
                SELECT \(thing) AS thing, digest, MAX(size) AS size, (
                    SELECT COUNT(DISTINCT \(thing)) FROM environment_space AS other
                    WHERE other.digest = environment_space.digest\(among)) AS holders
                FROM environment_space \(condition.clause)GROUP BY 1, 2) AS held
            GROUP BY thing ORDER BY thing
            """, others.arguments + condition.arguments
        ).compactMap { row in
            row.text("thing").map {
                SpaceRow(name: $0, bytes: row.integer("bytes") ?? 0, uniqueBytes: row.integer("unique_bytes") ?? 0)
            }
        }
    }

    /// Of all, of an owner, or of an environment.
    package func bytes(of owner: String? = nil, name: String? = nil) throws -> Int64 {
        var condition = owner.map(Self.of) ?? SQLCondition()
        if let name { condition.add("name = ?", .text(name)) }
        return try connection.query(
            """
            SELECT COALESCE(SUM(size), 0) AS total
            FROM (SELECT MAX(size) AS size FROM environment_space \(condition.clause)GROUP BY digest) AS blobs
            """, condition.arguments
        ).first?.integer("total") ?? 0
    }

    /// Whether an environment of an owner has a blob, however it came.
    package func has(_ digest: String, owner: String) throws -> Bool {
        try !connection.query(
            "SELECT 1 FROM environment_space WHERE digest = ? AND name > ? AND name < ? LIMIT 1",
            [.text(digest), .text("\(owner)/"), .text("\(owner)0")]
        ).isEmpty
    }

    /// Every name of an owner is between "owner/" and "owner0", the character after the slash.
    private static func of(_ owner: String) -> SQLCondition {
        var condition = SQLCondition()
        condition.add("name > ? AND name < ?", .text("\(owner)/"), .text("\(owner)0"))
        return condition
    }
}

/// What something takes, and how much of that only it has.
package struct SpaceRow: Hashable, Sendable {
    package var name: String
    package var bytes: Int64
    package var uniqueBytes: Int64
}
