import RucheStore
import Support
import SystemPackage
import Testing

@Suite struct RepositoryTests {
    private func with(_ body: @Sendable (SQLiteDatabase) async throws -> Void) async throws {
        try await Scratch.with { try await body(SQLiteDatabase(path: $0.appending("ruche.db"))) }
    }

    @Test func eventsAreNumberedInTheirOrderAlsoFromManyWriters() async throws {
        try await with { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<50 {
                    group.addTask {
                        try await database.write {
                            _ = try EventRepository($0).append(
                                time: 0, subject: index % 2 == 0 ? "a" : "b", kind: "k", data: "{}")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let all = try await database.read { try EventRepository($0).events(after: 0, subject: nil, limit: 100) }
            #expect(all.map(\.sequence) == Array(1...50))
            let some = try await database.read { try EventRepository($0).events(after: 10, subject: "a", limit: 3) }
            #expect(some.count == 3)
            #expect(some.allSatisfy { $0.subject == "a" && $0.sequence > 10 })
        }
    }

    @Test func jobsAreReplacedListedAndRemoved() async throws {
        try await with { database in
            try await database.write { connection in
                let jobs = JobRepository(connection)
                for (id, state) in [("1", "queued"), ("2", "running"), ("3", "succeeded")] {
                    try jobs.save(JobRow(id: id, state: state, document: "{}"))
                }
                try jobs.save(JobRow(id: "1", state: "failed", document: "{\"a\":1}"))
            }
            #expect(try await database.read { try JobRepository($0).job("1") }?.document == "{\"a\":1}")
            func ids(before cursor: String?, state: String?) async throws -> [String] {
                try await database.read { try JobRepository($0).jobs(before: cursor, state: state, limit: 2) }.map(\.id)
            }
            #expect(try await ids(before: nil, state: nil) == ["3", "2"])
            #expect(try await ids(before: "2", state: nil) == ["1"])
            #expect(try await ids(before: nil, state: "running") == ["2"])
            #expect(try await database.read { try JobRepository($0).unfinished() }.map(\.id) == ["2"])
            try await database.write { try JobRepository($0).remove("2") }
            #expect(try await database.read { try JobRepository($0).unfinished() }.isEmpty)
        }
    }

    @Test func summariesAreListedByStateOwnerAndName() async throws {
        try await with { database in
            try await database.write { connection in
                let summaries = JobSummaryRepository(connection)
                for (id, state, owner, name) in [
                    ("1", "queued", "a", "x"), ("2", "running", "b", "y"), ("3", "failed", "a", nil),
                    ("1", "failed", "a", "z"),
                ] {
                    try JobRepository(connection).save(JobRow(id: id, state: state, document: "{}", owner: owner))
                    try summaries.save(
                        JobSummaryRow(
                            id: id, state: state, owner: owner, name: name, priority: 0, createdAt: 1, summary: id))
                }
                try JobRepository(connection).save(JobRow(id: "4", state: "failed", document: "{}", owner: "c"))
            }
            func list(
                _ cursor: String? = nil, state: String? = nil, name: String? = nil, owners: [String]? = nil
            ) async throws -> [String] {
                try await database.read {
                    try JobSummaryRepository($0).summaries(
                        before: cursor, state: state, name: name, owners: owners, limit: 2)
                }
            }
            #expect(try await list() == ["3", "2"])
            #expect(try await list("2") == ["1"])
            #expect(try await list(state: "failed") == ["3", "1"])
            #expect(try await list(owners: ["b"]) == ["2"])
            #expect(try await list(owners: []) == [])
            #expect(try await list(state: "failed", name: "z", owners: ["a", "b"]) == ["1"])
            #expect(try await database.read { try JobSummaryRepository($0).missing(limit: 9) }.map(\.id) == ["4"])
            try await database.write { try JobSummaryRepository($0).remove("3") }
            #expect(try await list(state: "failed") == ["1"])
        }
    }

    @Test func operationsKeepWhatChanges() async throws {
        try await with { database in
            var row = OperationRow(id: "1", kind: "gc", title: "t", state: "running", createdAt: 5)
            let first = row
            try await database.write { try OperationRepository($0).insert(first) }
            row.state = "succeeded"
            row.endedAt = 9
            row.progress = 1
            row.result = "{}"
            let second = row
            try await database.write { try OperationRepository($0).update(second) }
            #expect(try await database.read { try OperationRepository($0).operation("1") } == second)
            #expect(try await database.read { try OperationRepository($0).operations(state: "running") }.isEmpty)
        }
    }

    @Test func aDOIWhoseReleaseIsGoneIsDueEarly() async throws {
        try await with { database in
            try await database.write { connection in
                for (stem, state) in [("r1here", "findable"), ("r1gone", "findable"), ("r1draft", "draft")] {
                    var row = DOIRow(doi: "10.5072/\(stem)", name: "lab/tool", version: "1.0", wanted: state, at: 1000)
                    (row.registered, row.nextAttemptAt) = (state, 300_000)
                    try DOIRepository(connection).save(row)
                }
                try IdentifierRepository(connection).save(
                    IdentifierRow(name: "lab/tool", version: "1.0", stem: "r1here", mintedAt: 1))
            }
            func due(_ time: Int64) async throws -> [String] {
                try await database.read { try DOIRepository($0).due(at: time, limit: 9).map(\.doi) }
            }
            #expect(try await due(10_999) == [])
            #expect(try await due(11_000) == ["10.5072/r1gone"])
            #expect(try await due(300_000).count == 3)
        }
    }

    @Test func oneContentMayHaveSeveralNames() async throws {
        try await with { database in
            try await database.write { connection in
                for (id, name) in [("1", "a"), ("2", "b"), ("1", "c")] {
                    try FileRepository(connection).save(
                        FileRow(id: id, owner: "o", name: name, size: 1, digest: "d", type: "t", createdAt: 1))
                }
            }
            #expect(try await database.read { try FileRepository($0).uploads(digest: "d") }.map(\.name) == ["c", "b"])
            #expect(try await database.read { try QuotaRepository($0).files(of: "o").bytes } == 2)
        }
    }
}
