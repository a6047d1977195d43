import RucheCore
import RucheEngines
import RucheHost
import RucheService
import RucheStore
import Support
import Synchronization
import SystemPackage
import Testing

/// A job is prepared while it is recorded, and runs only when it is.
@Suite struct JobAcceptanceTests {
    @Test func aJobThatCanNotBeRecordedIsRefusedAndLeavesNothing() async throws {
        try await JobSite.with({ _, _ in ContainerExit(code: 0) }) { site, engine in
            let database = BrokenDatabase(site.database)
            // Made already when the attempt to record it fails.
            await engine.whenCreating { database.failed.set() }
            let events = DatabaseEventLog(database: database)
            try await site.serve({ ($0.database, $0.events) = (database, events) }) { jobs in
                database.breaks.set()
                let error = await #expect(throws: RucheError.self) {
                    _ = try await jobs.submit(JobSubmission(release: "lab/test"))
                }
                #expect(error?.code == .diskFull)
                #expect(try await eventually { try await engine.list().isEmpty && Self.jobs(site).isEmpty })
                #expect(await !engine.calls.contains("start"))
                database.breaks.clear()
                // The slot is free again, and nothing of the refused job is written later.
                let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
                #expect(try await jobs.end(of: id).state == .succeeded)
                #expect(try await jobs.jobs(before: nil, limit: 10, state: nil).map(\.id) == [id])
            }
            #expect(try await site.kinds().filter { $0 == "job.queued" }.count == 1)
        }
    }

    @Test func aContainerWaitsForItsRecord() async throws {
        try await JobSite.with({ _, _ in ContainerExit(code: 0) }) { site, engine in
            let created = Flag()
            await engine.whenCreating { created.set() }
            // The commit goes on only when the container has been made.
            let events = DatabaseEventLog(database: BrokenDatabase(site.database, waitsFor: created))
            try await site.serve({ $0.events = events }) { jobs in
                let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
                #expect(try await jobs.end(of: id).state == .succeeded)
            }
            #expect(created.isSet)
        }
    }

    @Test func whatACrashLeftOfAJobThatWasNotAcceptedGoes() async throws {
        try await JobSite.with({ _, _ in ContainerExit(code: 0) }) { site, _ in
            var generator = SystemRandomNumberGenerator()
            let unaccepted = JobFolder(data: site.data, id: Identifier(milliseconds: 1, using: &generator))
            let written = JobFolder(data: site.data, id: Identifier(milliseconds: 2, using: &generator))
            for folder in [unaccepted, written] {
                for path in [folder.inputs, folder.outputs, folder.logs] { try FileTree.makeFolder(path) }
            }
            try AtomicFile.write([1], to: written.outputs.appending("kept"))
            let isGone = try await site.serve { _ in
                try await eventually { !FileTree.exists(unaccepted.root) }
            }
            #expect(isGone)
            #expect(FileTree.exists(written.outputs.appending("kept")))
        }
    }

    @Test func aJobStartsWhenItsContainerDoes() async throws {
        try await JobSite.with({ _, _ in ContainerExit(code: 0) }) { site, engine in
            let clock = Clock()
            let now: @Sendable () -> Int64 = { clock.next() }
            let made = Collected<Int64>()
            await engine.whenCreating { made.add(clock.next()) }
            try await site.serve({ $0.now = now }) { jobs in
                let record = try await jobs.end(of: jobs.submit(JobSubmission(release: "lab/test")).id)
                #expect(try #require(record.startedAt) > #require(made.all.first))
            }
        }
    }

    private static func jobs(_ site: JobSite) throws -> [String] {
        try FileTree.names(in: site.data.appending("jobs"))
    }
}

/// A clock that goes on with each look.
private final class Clock: Sendable {
    private let value = Atomic<Int64>(0)
    func next() -> Int64 { value.add(1, ordering: .relaxed).newValue }
}

private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
    func clear() { value.store(false, ordering: .relaxed) }
}

/// A database that can't be written, or waits before it is.
private final class BrokenDatabase: SQLDatabase {
    let breaks = Flag()
    let failed = Flag()
    private let waitsFor: Flag?
    private let database: any SQLDatabase

    init(_ database: any SQLDatabase, waitsFor: Flag? = nil) {
        self.database = database
        self.waitsFor = waitsFor
    }

    func read<Result: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> Result
    ) async throws -> Result { try await database.read(body) }

    func write<Result: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> Result
    ) async throws -> Result {
        if let waitsFor { _ = try await eventually { waitsFor.isSet } }
        if breaks.isSet {
            _ = try await eventually { self.failed.isSet }
            throw RucheError(.diskFull, "the disk is full")
        }
        return try await database.write(body)
    }
}
