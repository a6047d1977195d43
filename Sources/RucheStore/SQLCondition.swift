/// Conditions of a query with their arguments, joined by AND.
struct SQLCondition {
    private(set) var parts: [String] = []
    private(set) var arguments: [SQLValue] = []

    mutating func add(_ sql: String, _ arguments: SQLValue...) { add(sql, arguments) }

    mutating func add(_ sql: String, _ arguments: [SQLValue]) {
        parts.append(sql)
        self.arguments += arguments
    }

    /// The column is one of `values`; nil is no condition, an empty list is never true.
    mutating func add(_ column: String, among values: [String]?) {
        guard let values else { return }
        guard !values.isEmpty else { return parts.append("1 = 0") }
        parts.append("\(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))")
        arguments += values.map { .text($0) }
    }

    /// `WHERE … `, or nothing.
    var clause: String { parts.isEmpty ? "" : "WHERE \(parts.joined(separator: " AND ")) " }
}
