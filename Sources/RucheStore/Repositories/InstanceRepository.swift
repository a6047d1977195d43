/// Instances, inside one transaction.
package struct InstanceRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    package func insert(_ row: InstanceRow) throws {
        try connection.execute(
            """
            INSERT INTO instances
            (id, owner, name, release_digest, blob, engine, created_at, state, lease_end, document)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(row.id), .text(row.owner), .text(row.name), .text(row.releaseDigest), .optional(row.blob),
                .text(row.engine), .integer(row.createdAt),
            ] + changing(row))
    }

    /// Writes what changes in the life of an instance. One that was removed meanwhile stays removed.
    package func update(_ row: InstanceRow) throws {
        try connection.execute(
            "UPDATE instances SET state = ?, lease_end = ?, document = ? WHERE id = ?",
            changing(row) + [.text(row.id)])
    }

    package func instances() throws -> [InstanceRow] {
        try connection.query("SELECT * FROM instances ORDER BY id", []).compactMap(Self.row)
    }

    package func names(of owner: String) throws -> Set<String> {
        Set(
            try connection.query("SELECT name FROM instances WHERE owner = ?", [.text(owner)])
                .compactMap { $0.text("name") })
    }

    /// Whether any instance is made of a blob: its disk lies over it, or its document names it.
    package func needs(_ blob: String) throws -> Bool {
        try !connection.query(
            "SELECT id FROM instances WHERE blob = ? OR document LIKE '%' || ? || '%' LIMIT 1",
            [.text(blob), .text(blob)]
        ).isEmpty
    }

    package func remove(_ id: String) throws {
        try connection.execute("DELETE FROM instances WHERE id = ?", [.text(id)])
    }

    private func changing(_ row: InstanceRow) -> [SQLValue] {
        [.text(row.state), .optional(row.leaseEnd), .text(row.document)]
    }

    private static func row(_ row: SQLRow) -> InstanceRow? {
        guard let id = row.text("id"), let owner = row.text("owner"), let name = row.text("name"),
            let state = row.text("state"), let releaseDigest = row.text("release_digest"),
            let engine = row.text("engine"), let createdAt = row.integer("created_at"),
            let document = row.text("document")
        else { return nil }
        var instance = InstanceRow(
            id: id, owner: owner, name: name, state: state, releaseDigest: releaseDigest, engine: engine,
            createdAt: createdAt, document: document)
        instance.blob = row.text("blob")
        instance.leaseEnd = row.integer("lease_end")
        return instance
    }
}
