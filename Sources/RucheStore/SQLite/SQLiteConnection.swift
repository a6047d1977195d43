import Foundation
import GRDB

/// A connection of the library behind the portable protocol. Statements are cached by their text.
struct SQLiteConnection: SQLConnection {
    private let database: Database

    init(_ database: Database) { self.database = database }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws {
        try database.cachedStatement(sql: sql).execute(arguments: Self.bound(arguments))
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        let statement = try database.cachedStatement(sql: sql)
        var rows: [SQLRow] = []
        let cursor = try Row.fetchCursor(statement, arguments: Self.bound(arguments))
        while let row = try cursor.next() {
            var values: [String: SQLValue] = [:]
            for (column, value) in row { values[column] = Self.portable(value) }
            rows.append(SQLRow(values))
        }
        return rows
    }

    func scan(_ sql: String, _ arguments: [SQLValue], _ body: (any SQLColumns) throws -> Void) throws {
        let cursor = try Row.fetchCursor(try database.cachedStatement(sql: sql), arguments: Self.bound(arguments))
        while let row = try cursor.next() { try body(Columns(row: row)) }
    }

    private struct Columns: SQLColumns {
        let row: Row
        func integer(at index: Int) -> Int64 { row[index] ?? 0 }
        func text(at index: Int) -> String { row[index] ?? "" }
    }

    private static func bound(_ arguments: [SQLValue]) -> StatementArguments {
        StatementArguments(
            arguments.map { argument -> DatabaseValue in
                switch argument {
                case .null: .null
                case .integer(let value): value.databaseValue
                case .real(let value): value.databaseValue
                case .text(let value): value.databaseValue
                case .blob(let value): Data(value).databaseValue
                }
            })
    }

    private static func portable(_ value: DatabaseValue) -> SQLValue {
        switch value.storage {
        case .null: .null
        case .int64(let value): .integer(value)
        case .double(let value): .real(value)
        case .string(let value): .text(value)
        case .blob(let value): .blob([UInt8](value))
        }
    }
}
