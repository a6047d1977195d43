import RucheCore
import RucheHost
import RucheStore
import Support
import SystemPackage
import Testing

@Suite struct SQLiteDatabaseTests {
    @Test func whatWasWrittenIsThereAfterOpeningAgain() async throws {
        try await Scratch.with { folder in
            let path = folder.appending("ruche.db")
            try await SQLiteDatabase(path: path).write {
                _ = try EventRepository($0).append(time: 1, subject: "server", kind: "server.started", data: "{}")
            }
            let events = try await SQLiteDatabase(path: path).read {
                try EventRepository($0).events(after: 0, subject: nil, limit: 10)
            }
            #expect(events == [EventRow(sequence: 1, time: 1, subject: "server", kind: "server.started", data: "{}")])
        }
    }

    @Test func aTransactionThatThrowsLeavesNothing() async throws {
        try await Scratch.with { folder in
            let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
            await #expect(throws: RucheError.self) {
                try await database.write { connection in
                    try JobRepository(connection).save(JobRow(id: "a", state: "queued", document: "{}"))
                    throw RucheError(.conflict, "stop")
                }
            }
            #expect(try await database.read { try JobRepository($0).job("a") } == nil)
        }
    }

    @Test func acknowledgedWritesAreSynced() async throws {
        try await Scratch.with { folder in
            let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
            let mode = try await database.write { try $0.query("PRAGMA synchronous", []).first?.integer("synchronous") }
            #expect(mode == 2)
            let journal = try await database.read {
                try $0.query("PRAGMA journal_mode", []).first?.text("journal_mode")
            }
            #expect(journal == "wal")
        }
    }

    @Test func aDamagedFileIsSetAsideAndNamed() async throws {
        try await Scratch.with { folder in
            let path = folder.appending("ruche.db")
            try AtomicFile.write(Array(repeating: UInt8(ascii: "x"), count: 8192), to: path)
            let error = #expect(throws: RucheError.self) { try SQLiteDatabase(path: path) }
            #expect(error?.code == .corruptContent)
            let kept = try #require(error?.details["kept"])
            #expect(try AtomicFile.read(FilePath(kept)).count == 8192)
            _ = try SQLiteDatabase(path: path)
        }
    }

    @Test func aNewerSchemaIsRefusedAndLeftAlone() async throws {
        try await Scratch.with { folder in
            let path = folder.appending("ruche.db")
            let newer =
                Migration.all + [Migration(1_000_000, "later", ["CREATE TABLE later (a TEXT)"])]
            _ = try SQLiteDatabase(path: path, migrations: newer)
            let error = #expect(throws: RucheError.self) { try SQLiteDatabase(path: path) }
            #expect(error?.code == .unsupported)
            _ = try SQLiteDatabase(path: path, migrations: newer)
        }
    }

    @Test func aNewMigrationRunsOnceOnWhatIsThere() async throws {
        try await Scratch.with { folder in
            let path = folder.appending("ruche.db")
            try await SQLiteDatabase(path: path).write {
                try JobRepository($0).save(JobRow(id: "a", state: "queued", document: "{}"))
            }
            let newer =
                Migration.all + [
                    Migration(1_000_000, "later", ["ALTER TABLE jobs ADD COLUMN later TEXT"])
                ]
            _ = try SQLiteDatabase(path: path, migrations: newer)
            let row = try await SQLiteDatabase(path: path, migrations: newer).read { try JobRepository($0).job("a") }
            #expect(row?.state == "queued")
        }
    }

    @Test func aMigrationThatWasSkippedIsRunToo() async throws {
        try await Scratch.with { folder in
            let path = folder.appending("ruche.db")
            let all = [1, 2, 3].map { Migration($0, "m\($0)", ["CREATE TABLE t\($0) (a TEXT)"]) }
            _ = try SQLiteDatabase(path: path, migrations: [all[0], all[2]])
            let rows = try await SQLiteDatabase(path: path, migrations: all).read {
                try $0.query("SELECT * FROM t2", [])
            }
            #expect(rows.isEmpty)
        }
    }

    @Test func migrationsAreInTheOrderOfTheirNumbers() {
        let numbers = Migration.all.map(\.number)
        #expect(numbers == Set(numbers).sorted() && numbers.first == 1)
    }
}
