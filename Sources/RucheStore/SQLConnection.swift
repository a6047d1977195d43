/// A value of a portable SQL database.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

/// One row, by column name.
package struct SQLRow: Sendable {
    package var values: [String: SQLValue]
    package init(_ values: [String: SQLValue]) { self.values = values }

    package func text(_ column: String) -> String? {
        if case .text(let value)? = values[column] { value } else { nil }
    }
    package func integer(_ column: String) -> Int64? {
        if case .integer(let value)? = values[column] { value } else { nil }
    }
    package func real(_ column: String) -> Double? {
        switch values[column] {
        case .real(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }
}

/// A connection inside one transaction. Placeholders are `?`.
package protocol SQLConnection {
    func execute(_ sql: String, _ arguments: [SQLValue]) throws
    func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow]
    /// Calls `body` for each row, without making one: for many rows of few columns.
    func scan(_ sql: String, _ arguments: [SQLValue], _ body: (any SQLColumns) throws -> Void) throws
}

/// The columns of the row that a scan is at, by their place. What is NULL is 0 or empty.
package protocol SQLColumns {
    func integer(at index: Int) -> Int64
    func text(at index: Int) -> String
}

/// The database. No type of a database library is seen outside this target.
package protocol SQLDatabase: Sendable {
    func read<Result: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> Result) async throws -> Result
    /// One transaction: all of `body`, or nothing when it throws.
    func write<Result: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> Result) async throws
        -> Result
}
