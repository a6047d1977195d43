/// The table that lists of jobs are read from, inside one transaction.
package struct JobSummaryRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// Inserts, or replaces what is there under the same id.
    package func save(_ row: JobSummaryRow) throws {
        try connection.execute(
            """
            INSERT INTO job_summaries (id, state, owner, name, priority, created_at, summary)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET state = excluded.state, owner = excluded.owner, name = excluded.name,
                priority = excluded.priority, summary = excluded.summary
            """,
            [
                .text(row.id), .text(row.state), .text(row.owner), .optional(row.name), .integer(row.priority),
                .integer(row.createdAt), .text(row.summary),
            ])
    }

    package func remove(_ id: String) throws {
        try connection.execute("DELETE FROM job_summaries WHERE id = ?", [.text(id)])
    }

    /// Summaries newest first, older than `cursor`; of a state, a name and owners when they are given.
    package func summaries(
        before cursor: String?, state: String? = nil, name: String? = nil, owners: [String]? = nil, limit: Int
    ) throws -> [String] {
        var condition = SQLCondition()
        if let cursor { condition.add("id < ?", .text(cursor)) }
        if let state { condition.add("state = ?", .text(state)) }
        if let name { condition.add("name = ?", .text(name)) }
        condition.add("owner", among: owners)
        return try connection.query(
            "SELECT summary FROM job_summaries \(condition.clause)ORDER BY id DESC LIMIT ?",
            condition.arguments + [.integer(Int64(limit))]
        ).compactMap { $0.text("summary") }
    }

    /// Jobs that no list shows yet: an older program recorded them.
    package func missing(limit: Int) throws -> [JobRow] {
        try connection.query(
            """
            SELECT jobs.id, jobs.state, jobs.document, jobs.owner FROM jobs
            LEFT JOIN job_summaries ON job_summaries.id = jobs.id
            WHERE job_summaries.id IS NULL ORDER BY jobs.id LIMIT ?
            """, [.integer(Int64(limit))]
        ).compactMap(JobRepository.row)
    }
}
