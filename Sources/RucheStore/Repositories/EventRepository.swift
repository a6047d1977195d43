/// A row of the events table. `data` is JSON.
package struct EventRow: Hashable, Sendable {
    package var sequence: Int64
    package var time: Int64
    package var subject: String
    package var kind: String
    package var data: String
    /// Whose members may see it; nil is for those who may read the whole site.
    package var owner: String?
    /// Who caused it; nil is the server itself.
    package var actor: String?

    package init(
        sequence: Int64, time: Int64, subject: String, kind: String, data: String, owner: String? = nil,
        actor: String? = nil
    ) {
        self.sequence = sequence
        self.time = time
        self.subject = subject
        self.kind = kind
        self.data = data
        self.owner = owner
        self.actor = actor
    }
}

/// The append-only table of events, inside one transaction.
package struct EventRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// Appends and returns the sequence number: one more than the newest. Writers take turns, so numbers
    /// become visible in their order and a reader that asks "after N" misses none.
    package func append(
        time: Int64, subject: String, kind: String, data: String, owner: String? = nil, actor: String? = nil
    ) throws -> Int64 {
        let sequence = try newest() + 1
        try connection.execute(
            "INSERT INTO events (sequence, time, subject, kind, data, owner, actor) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .integer(sequence), .integer(time), .text(subject), .text(kind), .text(data), .optional(owner),
                .optional(actor),
            ])
        return sequence
    }

    /// The newest sequence number; 0 when there is no event.
    package func newest() throws -> Int64 {
        try connection.query("SELECT MAX(sequence) AS newest FROM events", []).first?.integer("newest") ?? 0
    }

    /// Events after `sequence`, oldest first. A subject or kind that ends with `*` stands for all that begin so;
    /// without kinds every kind is given. Only those of `owners` when they are given.
    package func events(
        after sequence: Int64, subject: String?, kinds: [String] = [], hidden: [String] = [],
        owners: [String]? = nil, limit: Int
    ) throws -> [EventRow] {
        var conditions = ["sequence > ?"]
        var arguments: [SQLValue] = [.integer(sequence)]
        func add(_ column: String, _ patterns: [String]) {
            guard !patterns.isEmpty else { return }
            let parts = patterns.map { pattern in
                let isPrefix = pattern.hasSuffix("*")
                arguments.append(.text(isPrefix ? String(pattern.dropLast()) : pattern))
                return isPrefix ? "SUBSTR(\(column), 1, \(pattern.count - 1)) = ?" : "\(column) = ?"
            }
            conditions.append("(" + parts.joined(separator: " OR ") + ")")
        }
        add("subject", subject.map { [$0] } ?? [])
        add("kind", kinds)
        var condition = SQLCondition()
        for kind in hidden { condition.add("kind <> ?", .text(kind)) }
        condition.add("owner", among: owners)
        conditions += condition.parts
        arguments += condition.arguments
        let sql = "SELECT * FROM events WHERE \(conditions.joined(separator: " AND ")) ORDER BY sequence LIMIT ?"
        return try connection.query(sql, arguments + [.integer(Int64(limit))]).compactMap { row in
            guard let sequence = row.integer("sequence"), let time = row.integer("time"),
                let subject = row.text("subject"), let kind = row.text("kind"), let data = row.text("data")
            else { return nil }
            return EventRow(
                sequence: sequence, time: time, subject: subject, kind: kind, data: data, owner: row.text("owner"),
                actor: row.text("actor"))
        }
    }
}
