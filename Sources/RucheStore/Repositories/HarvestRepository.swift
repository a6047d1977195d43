/// A release as harvesters list it.
package struct HarvestRow: Hashable, Sendable {
    /// `owner/name`.
    package var name: String
    package var version: String
    /// Or removed.
    package var isRevoked: Bool
    /// When anything of its record changed last, milliseconds since 1970.
    package var changedAt: Int64

    package init(name: String, version: String, isRevoked: Bool, changedAt: Int64) {
        self.name = name
        self.version = version
        self.isRevoked = isRevoked
        self.changedAt = changedAt
    }
}

/// Releases of public environments by when their records changed, inside one transaction.
package struct HarvestRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// A release's record has what is said of its environment too. Of what was removed, the last that had the version is
    /// told, unless another has it now.
    private static let records = """
        SELECT releases.name AS name, releases.version AS version, releases.revoked_at AS revoked_at,
            environments.owner AS owner,
            CASE WHEN environments.updated_at > releases.published_at
                AND environments.updated_at > COALESCE(releases.revoked_at, 0) THEN environments.updated_at
            WHEN COALESCE(releases.revoked_at, 0) > releases.published_at THEN releases.revoked_at
            ELSE releases.published_at END AS changed_at
        FROM releases JOIN environments ON environments.name = releases.name
        WHERE environments.visibility = 'public'
        UNION ALL
        SELECT removed.name AS name, removed.version AS version, removed.removed_at AS revoked_at,
            removed.owner AS owner, removed.removed_at AS changed_at
        FROM removed_releases AS removed LEFT JOIN environments ON environments.name = removed.name
        WHERE COALESCE(environments.visibility, 'public') = 'public'
            AND NOT EXISTS (SELECT 1 FROM releases
                WHERE releases.name = removed.name AND releases.version = removed.version)
            AND NOT EXISTS (SELECT 1 FROM removed_releases AS later
                WHERE later.name = removed.name AND later.version = removed.version
                AND (later.removed_at > removed.removed_at
                    OR (later.removed_at = removed.removed_at AND later.stem > removed.stem)))
        """

    /// Oldest change first, after `cursor`; of `owner`, changed in `range`.
    package func rows(
        owner: String?, in range: Range<Int64>, after cursor: HarvestRow?, limit: Int
    ) throws -> [HarvestRow] {
        var condition = SQLCondition()
        condition.add("changed_at >= ? AND changed_at < ?", .integer(range.lowerBound), .integer(range.upperBound))
        if let owner { condition.add("owner = ?", .text(owner)) }
        if let cursor {
            condition.add(
                "(changed_at > ? OR (changed_at = ? AND (name > ? OR (name = ? AND version > ?))))",
                .integer(cursor.changedAt), .integer(cursor.changedAt), .text(cursor.name), .text(cursor.name),
                .text(cursor.version))
        }
        return try connection.query(
            "SELECT * FROM (\(Self.records)) AS records \(condition.clause)ORDER BY changed_at, name, version LIMIT ?",
            condition.arguments + [.integer(Int64(limit))]
        ).compactMap(Self.row)
    }

    package func row(name: String, version: String) throws -> HarvestRow? {
        try connection.query(
            "SELECT * FROM (\(Self.records)) AS records WHERE name = ? AND version = ?", [.text(name), .text(version)]
        ).first.flatMap(Self.row)
    }

    /// Owners that have any, by name.
    package func owners() throws -> [String] {
        try connection.query("SELECT DISTINCT owner FROM (\(Self.records)) AS records ORDER BY owner", [])
            .compactMap { $0.text("owner") }
    }

    package func earliest() throws -> Int64? {
        try connection.query("SELECT MIN(changed_at) AS first FROM (\(Self.records)) AS records", [])
            .first?.integer("first")
    }

    private static func row(_ row: SQLRow) -> HarvestRow? {
        guard let name = row.text("name"), let version = row.text("version"), let time = row.integer("changed_at")
        else {
            return nil
        }
        return HarvestRow(name: name, version: version, isRevoked: row.integer("revoked_at") != nil, changedAt: time)
    }
}
