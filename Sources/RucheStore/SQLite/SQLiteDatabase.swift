import Foundation
import GRDB
import RucheCore
import RucheHost
package import SystemPackage

/// The database of one site in one file: write-ahead log, readers beside one writer.
///
/// A write that returned survives loss of power (`synchronous = FULL`): an acknowledged job is never forgotten.
/// Bodies run on the database's own threads, in transactions. Failures of the database arrive as `disk_full`,
/// `server_unavailable` (locked by another process), `corrupt_content` or `internal_error`.
package final class SQLiteDatabase: SQLDatabase {
    private let pool: DatabasePool
    private let path: FilePath

    /// Opens or makes the database and brings its schema up to date.
    ///
    /// Throws `unsupported` for a schema newer than this program and leaves it as it is. Throws
    /// `corrupt_content` for a file that is no sound database, after it was renamed to
    /// `NAME.corrupt-MILLISECONDS`: nothing is deleted, and the next start makes a new one.
    package init(path: FilePath, migrations: [Migration] = Migration.all) throws {
        self.path = path
        do {
            try FileTree.makeFolder(path.removingLastComponent())
            pool = try DatabasePool(path: path.string, configuration: Self.configuration)
            // The library sets NORMAL for a write-ahead log, which may lose the last commits with the power.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try pool.write { try Migrator(migrations: migrations).run(SQLiteConnection($0)) }
        } catch let error as DatabaseError where Self.isCorruption(error) {
            throw Self.setAside(path, error)
        } catch let error as DatabaseError {
            throw Self.translated(error, path)
        }
    }

    package func read<Result: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> Result
    ) async throws -> Result {
        do {
            return try await pool.read { try body(SQLiteConnection($0)) }
        } catch let error as DatabaseError {
            throw Self.translated(error, path)
        }
    }

    package func write<Result: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> Result
    ) async throws -> Result {
        do {
            return try await pool.write { try body(SQLiteConnection($0)) }
        } catch let error as DatabaseError {
            throw Self.translated(error, path)
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        return configuration
    }

    private static func isCorruption(_ error: DatabaseError) -> Bool {
        [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
    }

    /// Renames the file and its logs, so that a person can look at what is left.
    private static func setAside(_ path: FilePath, _ error: DatabaseError) -> RucheError {
        let mark = ".corrupt-\(Int64(Date().timeIntervalSince1970 * 1000))"
        var kept = path.string + mark
        for suffix in ["", "-wal", "-shm"] where FileTree.exists(FilePath(path.string + suffix)) {
            do {
                try AtomicFile.rename(FilePath(path.string + suffix), to: FilePath(path.string + mark + suffix))
            } catch {
                kept = path.string
            }
        }
        return RucheError(
            .corruptContent,
            "the database \(path) is damaged and was kept as \(kept): start again for a new one, "
                + "then fill its catalogue with \"ruche catalogue rebuild\"",
            details: ["path": path.string, "kept": kept], cause: error)
    }

    private static func translated(_ error: DatabaseError, _ path: FilePath) -> RucheError {
        let reason = error.message ?? "no reason given"
        return switch error.resultCode {
        case .SQLITE_FULL:
            RucheError(.diskFull, "the disk is full: the database \(path) can't be written", cause: error)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            RucheError(.serverUnavailable, "the database \(path) is in use by another program", cause: error)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            RucheError(.corruptContent, "the database \(path) is damaged: \(reason)", cause: error)
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            RucheError(.notPermitted, "the database \(path) can't be opened for writing: \(reason)", cause: error)
        default:
            RucheError(.internalError, "the database \(path) failed: \(reason)", cause: error)
        }
    }
}
