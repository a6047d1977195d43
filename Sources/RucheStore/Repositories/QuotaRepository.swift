/// What owners keep here and how much they may, inside one transaction.
package struct QuotaRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// Bytes that an owner may keep; nil is without limit.
    package func limit(of owner: String) throws -> Int64? {
        try connection.query("SELECT bytes FROM quotas WHERE owner = ?", [.text(owner)]).first?.integer("bytes")
    }

    package func setLimit(_ bytes: Int64?, of owner: String) throws {
        try connection.execute("DELETE FROM quotas WHERE owner = ?", [.text(owner)])
        guard let bytes else { return }
        try connection.execute("INSERT INTO quotas (owner, bytes) VALUES (?, ?)", [.text(owner), .integer(bytes)])
    }

    /// Files of an owner and their bytes.
    package func files(of owner: String) throws -> (count: Int64, bytes: Int64) {
        try sum("SELECT COUNT(*) AS number, SUM(size) AS bytes FROM files WHERE owner = ?", [.text(owner)])
    }

    /// Uploads of an owner that are no files yet, and the bytes that they will have.
    package func uploads(of owner: String) throws -> (count: Int64, bytes: Int64) {
        try sum(
            """
            SELECT COUNT(*) AS number, SUM(length) AS bytes FROM uploads
            WHERE owner = ? AND file IS NULL AND state IN ('receiving', 'complete')
            """, [.text(owner)])
    }

    private func sum(_ sql: String, _ arguments: [SQLValue]) throws -> (count: Int64, bytes: Int64) {
        let row = try connection.query(sql, arguments).first
        return (row?.integer("number") ?? 0, row?.integer("bytes") ?? 0)
    }
}
