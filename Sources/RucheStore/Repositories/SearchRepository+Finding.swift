/// What a search asks, each in one pass over an index.
extension SearchRepository {
    /// The small columns of documents that changed after `sequence`, in the order of `SearchColumn`.
    package func changes(after sequence: Int64, _ body: (any SQLColumns) throws -> Void) throws {
        try connection.scan(
            """
            SELECT id, is_removed, is_newest, version != '', is_public, published_at, created_at, downloads, total,
                name, facets, sequence
            FROM search_documents WHERE sequence > ? ORDER BY id
            """, [.integer(sequence)], body)
    }

    /// Identifiers and kinds of the values with identifiers over `id`, but for packages.
    package func values(after id: Int64, _ body: (Int64, String) throws -> Void) throws {
        try connection.scan(
            "SELECT id, kind FROM search_values WHERE id > ? AND kind != ?", [.integer(id), .text(Self.package)]
        ) { try body($0.integer(at: 0), $0.text(at: 1)) }
    }

    /// The texts of values, by their identifiers.
    package func texts(ofValues ids: [Int64]) throws -> [Int64: String] {
        var texts: [Int64: String] = [:]
        try connection.scan(
            "SELECT id, value FROM search_values WHERE id IN (SELECT value FROM JSON_EACH(?))", [.text("\(ids)")]
        ) { texts[$0.integer(at: 0)] = $0.text(at: 1) }
        return texts
    }

    /// The identifier of a value, in any case; nil for one that no document has.
    package func value(_ kind: String, named value: String) throws -> Int64? {
        try connection.query(
            "SELECT id FROM search_values WHERE kind = ? AND value = ?", [.text(kind), .text(value)]
        ).first?.integer("id")
    }

    /// Documents with a word that begins with `word`, which has nothing but letters and digits.
    package func documents(word: String, inNames: Bool, _ body: (Int64) -> Void) throws {
        let table = inNames ? "search_names" : "search_words"
        // One letter alone stands for itself: as the beginning of words it would say nothing.
        let pattern = word.unicodeScalars.count > 1 ? "\"\(word)\"*" : "\"\(word)\""
        // As one text: half the time of a row for each.
        try connection.scan(
            "SELECT GROUP_CONCAT(rowid, ' ') FROM \(table) WHERE \(table) MATCH ?", [.text(pattern)]
        ) { $0.text(at: 0).forEachNumber(body) }
    }

    /// Documents with a package of this name whose version `matches`.
    package func documents(
        package name: String, where matches: (_ version: String) -> Bool, _ body: (Int64) -> Void
    ) throws {
        // ">" comes after "=".
        var versions: [Int64] = []
        try connection.scan(
            "SELECT id, value FROM search_values WHERE kind = ? AND value >= ? AND value < ?",
            [.text(Self.package), .text("\(name)="), .text("\(name)>")]
        ) { row in
            if matches(String(row.text(at: 1).dropFirst(name.count + 1))) { versions.append(row.integer(at: 0)) }
        }
        for version in versions {
            try connection.scan("SELECT document FROM search_software WHERE value = ?", [.integer(version)]) {
                body($0.integer(at: 0))
            }
        }
    }
}

extension String {
    /// Calls `body` for each of the numbers that blanks separate.
    package func forEachNumber(_ body: (Int64) -> Void) {
        var number: Int64 = 0
        for byte in utf8 {
            if byte == 32 {
                body(number)
                number = 0
            } else {
                number = number &* 10 &+ Int64(byte &- 48)
            }
        }
        if !isEmpty { body(number) }
    }
}
