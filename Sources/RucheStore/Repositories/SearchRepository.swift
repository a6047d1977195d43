/// The documents of the search, inside one transaction.
package struct SearchRepository {
    /// The kind of the values `name=version` of packages.
    static let package = "package"
    let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    // MARK: Writing

    /// Inserts or replaces.
    package func save(_ entry: SearchEntry) throws {
        let row = entry.row
        let facets = try Set(entry.facets.map { try value($0.kind, $0.value) }).sorted()
        try connection.execute(
            """
            INSERT INTO search_documents (name, version, digest, is_public, is_newest, is_standing, is_removed,
                published_at, created_at, downloads, total, facets, source, shown, sequence)
            VALUES (?, ?, ?, ?, 0, ?, 0, ?, ?, (SELECT COALESCE(SUM(count), 0) FROM downloads
                WHERE downloads.name = ? AND downloads.version = ?), 0, ?, ?, ?, ?)
            ON CONFLICT (name, version) DO UPDATE SET digest = excluded.digest, is_public = excluded.is_public,
                is_standing = excluded.is_standing, is_removed = 0, published_at = excluded.published_at,
                created_at = excluded.created_at, downloads = excluded.downloads, facets = excluded.facets,
                source = excluded.source, shown = excluded.shown, sequence = excluded.sequence
            """,
            [
                .text(row.name), .text(row.version), .text(row.digest), .integer(row.isPublic ? 1 : 0),
                .integer(row.isStanding ? 1 : 0), .integer(row.publishedAt), .integer(row.createdAt), .text(row.name),
                .text(row.version), .text(facets.map(String.init).joined(separator: " ")), .text(row.source),
                .text(row.shown), .integer(try nextSequence()),
            ])
        guard let id = try self.row(row.name, row.version)?.id else { return }
        for (table, words) in [("search_words", entry.words), ("search_names", entry.nameWords)] {
            try connection.execute("DELETE FROM \(table) WHERE rowid = ?", [.integer(id)])
            try connection.execute(
                "INSERT INTO \(table) (rowid, words) VALUES (?, ?)", [.integer(id), .text(words)])
        }
        guard let packages = entry.packages else { return }
        try connection.execute("DELETE FROM search_software WHERE document = ?", [.integer(id)])
        for package in packages {
            try connection.execute(
                "INSERT OR IGNORE INTO search_software (value, document) VALUES (?, ?)",
                [.integer(try value(Self.package, package)), .integer(id)])
        }
    }

    /// Of a release, or of all of an environment's documents.
    package func remove(_ name: String, version: String? = nil) throws {
        let removed = try version.map { try [row(name, $0)].compactMap(\.self) } ?? rows(of: name)
        for row in removed {
            for table in ["search_words WHERE rowid", "search_names WHERE rowid", "search_software WHERE document"] {
                try connection.execute("DELETE FROM \(table) = ?", [.integer(row.id)])
            }
            try connection.execute(
                """
                UPDATE search_documents SET is_removed = 1, is_newest = 0, facets = '', source = '', shown = '',
                    sequence = ? WHERE id = ?
                """, [.integer(try nextSequence()), .integer(row.id)])
        }
    }

    /// Everything, to be made again.
    package func removeAll() throws {
        for table in ["search_documents", "search_values", "search_software", "search_words", "search_names"] {
            try connection.execute("DELETE FROM \(table)", [])
        }
        try connection.execute("UPDATE search_state SET epoch = epoch + 1, sequence = 0, revision = revision + 1", [])
    }

    /// Says which document of an environment is the one that is found without asking for versions.
    package func setNewest(_ version: String, of name: String) throws {
        let changed = try connection.query(
            "SELECT id FROM search_documents WHERE name = ? AND is_removed = 0 AND is_newest != (version = ?)",
            [.text(name), .text(version)])
        for id in changed.compactMap({ $0.integer("id") }) {
            try connection.execute(
                """
                UPDATE search_documents SET is_newest = NOT is_newest, sequence = ?,
                    total = (SELECT COALESCE(SUM(count), 0) FROM downloads WHERE downloads.name = ?) WHERE id = ?
                """, [.integer(try nextSequence()), .text(name), .integer(id)])
        }
    }

    package func countDownload(of name: String, version: String) throws {
        try connection.execute(
            """
            UPDATE search_documents SET downloads = downloads + (version = ?), total = total + is_newest, sequence = ?
            WHERE name = ? AND is_removed = 0 AND (version = ? OR is_newest = 1)
            """, [.text(version), .integer(try nextSequence(isRevision: false)), .text(name), .text(version)])
    }

    private func nextSequence(isRevision: Bool = true) throws -> Int64 {
        try connection.execute(
            "UPDATE search_state SET sequence = sequence + 1, revision = revision + ?", [.integer(isRevision ? 1 : 0)])
        return try state().sequence
    }

    private func value(_ kind: String, _ value: String) throws -> Int64 {
        func known() throws -> Int64? {
            try connection.query(
                "SELECT id FROM search_values WHERE kind = ? AND value = ?", [.text(kind), .text(value)]
            ).first?.integer("id")
        }
        if let id = try known() { return id }
        try connection.execute("INSERT INTO search_values (kind, value) VALUES (?, ?)", [.text(kind), .text(value)])
        return try known() ?? 0
    }

    // MARK: Reading

    package func state() throws -> (epoch: Int64, sequence: Int64) {
        let row = try connection.query("SELECT epoch, sequence FROM search_state", []).first
        return (row?.integer("epoch") ?? 0, row?.integer("sequence") ?? 0)
    }

    /// Goes up with every change but those of downloads, and never down.
    package func revision() throws -> Int64 {
        try connection.query("SELECT revision FROM search_state", []).first?.integer("revision") ?? 0
    }

    /// The document of a release, or of the environment itself when `version` is empty; nil when it was removed.
    package func row(_ name: String, _ version: String) throws -> SearchRow? {
        try connection.query(
            "SELECT * FROM search_documents WHERE name = ? AND version = ? AND is_removed = 0",
            [.text(name), .text(version)]
        ).first.flatMap(SearchRow.init)
    }

    /// The versions of an environment that stand, in no order. Reads no documents: there may be thousands.
    package func standingVersions(of name: String) throws -> [String] {
        try connection.query(
            "SELECT version FROM search_documents WHERE name = ? AND is_removed = 0 AND is_standing = 1", [.text(name)]
        ).compactMap { $0.text("version") }
    }

    /// Every document that was not removed; of one environment when `name` is given.
    package func rows(of name: String? = nil) throws -> [SearchRow] {
        let filter = name == nil ? "" : "name = ? AND "
        return try connection.query(
            "SELECT * FROM search_documents WHERE \(filter)is_removed = 0 ORDER BY name, version",
            name.map { [.text($0)] } ?? []
        ).compactMap(SearchRow.init)
    }

    /// In the order of `ids`.
    package func rows(_ ids: [Int64]) throws -> [SearchRow] {
        let rows = try connection.query(
            """
            SELECT * FROM search_documents WHERE id IN (SELECT value FROM JSON_EACH(?)) AND is_removed = 0
            """, [.text("\(ids)")]
        ).compactMap(SearchRow.init)
        let byID = Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
        return ids.compactMap { byID[$0] }
    }
}
