import RucheCore

/// A row of the jobs table. `document` is the job as JSON; `state` is kept beside it to be asked for.
package struct JobRow: Hashable, Sendable {
    package var id: String
    package var state: String
    package var document: String
    package var owner: String

    package init(id: String, state: String, document: String, owner: String = "local") {
        self.id = id
        self.state = state
        self.document = document
        self.owner = owner
    }
}

/// Jobs, inside one transaction.
package struct JobRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// Inserts, or replaces what is there under the same id.
    package func save(_ row: JobRow) throws {
        try connection.execute(
            """
            INSERT INTO jobs (id, state, document, owner) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET state = excluded.state, document = excluded.document
            """,
            [.text(row.id), .text(row.state), .text(row.document), .text(row.owner)])
    }

    package func job(_ id: String) throws -> JobRow? {
        try connection.query("SELECT * FROM jobs WHERE id = ?", [.text(id)]).first.flatMap(Self.row)
    }

    /// How many there are, by state.
    package func counts() throws -> [String: Int64] {
        let rows = try connection.query("SELECT state, COUNT(*) AS jobs FROM jobs GROUP BY state", [])
        return rows.reduce(into: [:]) { result, row in
            if let state = row.text("state") { result[state] = row.integer("jobs") }
        }
    }

    package func ids() throws -> [String] {
        try connection.query("SELECT id FROM jobs", []).compactMap { $0.text("id") }
    }

    /// Newest first; only those older than `cursor`, of one state, and of `owners`, when they are given.
    package func jobs(
        before cursor: String?, state: String?, owners: [String]? = nil, limit: Int
    ) throws -> [JobRow] {
        var condition = SQLCondition()
        if let cursor { condition.add("id < ?", .text(cursor)) }
        if let state { condition.add("state = ?", .text(state)) }
        condition.add("owner", among: owners)
        return try connection.query(
            "SELECT * FROM jobs \(condition.clause)ORDER BY id DESC LIMIT ?",
            condition.arguments + [.integer(Int64(limit))]
        ).compactMap(Self.row)
    }

    /// Every job that is not final, oldest first.
    package func unfinished() throws -> [JobRow] {
        let states = JobState.allCases.filter { !$0.isFinal }.map(\.rawValue)
        let places = Array(repeating: "?", count: states.count).joined(separator: ", ")
        return try connection.query(
            "SELECT * FROM jobs WHERE state IN (\(places)) ORDER BY id", states.map { .text($0) }
        ).compactMap(Self.row)
    }

    package func remove(_ id: String) throws {
        try connection.execute("DELETE FROM jobs WHERE id = ?", [.text(id)])
    }

    static func row(_ row: SQLRow) -> JobRow? {
        guard let id = row.text("id"), let state = row.text("state"), let document = row.text("document") else {
            return nil
        }
        return JobRow(id: id, state: state, document: document, owner: row.text("owner") ?? "local")
    }
}
