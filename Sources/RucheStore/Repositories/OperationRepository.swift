/// A row of the operations table. `result` and `failure` are JSON.
package struct OperationRow: Hashable, Sendable {
    package var id: String
    package var kind: String
    package var title: String
    package var state: String
    package var createdAt: Int64
    package var endedAt: Int64?
    package var progress: Double?
    package var result: String?
    package var failure: String?
    package var owner: String?
    package var createdBy: String?

    package init(id: String, kind: String, title: String, state: String, createdAt: Int64) {
        self.id = id
        self.kind = kind
        self.title = title
        self.state = state
        self.createdAt = createdAt
    }
}

/// Operations, inside one transaction.
package struct OperationRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    package func insert(_ row: OperationRow) throws {
        try connection.execute(
            """
            INSERT INTO operations
            (id, kind, title, state, created_at, owner, created_by, ended_at, progress, result, failure)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(row.id), .text(row.kind), .text(row.title), .text(row.state), .integer(row.createdAt),
                .optional(row.owner), .optional(row.createdBy),
            ] + changing(row))
    }

    /// Writes what changes in the life of an operation: state, end, progress, result, failure.
    package func update(_ row: OperationRow) throws {
        try connection.execute(
            "UPDATE operations SET ended_at = ?, progress = ?, result = ?, failure = ?, state = ? WHERE id = ?",
            changing(row) + [.text(row.state), .text(row.id)])
    }

    package func operation(_ id: String) throws -> OperationRow? {
        try connection.query("SELECT * FROM operations WHERE id = ?", [.text(id)]).first.flatMap(Self.row)
    }

    /// Newest first; only those older than `cursor`, and of `owners`, when they are given.
    package func operations(before cursor: String?, owners: [String]? = nil, limit: Int) throws -> [OperationRow] {
        var condition = SQLCondition()
        if let cursor { condition.add("id < ?", .text(cursor)) }
        condition.add("owner", among: owners)
        return try connection.query(
            "SELECT * FROM operations \(condition.clause)ORDER BY id DESC LIMIT ?",
            condition.arguments + [.integer(Int64(limit))]
        ).compactMap(Self.row)
    }

    package func operations(state: String) throws -> [OperationRow] {
        try connection.query("SELECT * FROM operations WHERE state = ? ORDER BY id", [.text(state)])
            .compactMap(Self.row)
    }

    private func changing(_ row: OperationRow) -> [SQLValue] {
        [.optional(row.endedAt), .optional(row.progress), .optional(row.result), .optional(row.failure)]
    }

    private static func row(_ row: SQLRow) -> OperationRow? {
        guard let id = row.text("id"), let kind = row.text("kind"), let title = row.text("title"),
            let state = row.text("state"), let createdAt = row.integer("created_at")
        else { return nil }
        var operation = OperationRow(id: id, kind: kind, title: title, state: state, createdAt: createdAt)
        operation.endedAt = row.integer("ended_at")
        operation.progress = row.real("progress")
        operation.result = row.text("result")
        operation.failure = row.text("failure")
        operation.owner = row.text("owner")
        operation.createdBy = row.text("created_by")
        return operation
    }
}
