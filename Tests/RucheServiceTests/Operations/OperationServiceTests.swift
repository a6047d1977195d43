import Logging
import RucheCore
import RucheHost
import RucheService
import RucheStore
import Support
import SystemPackage
import Testing

@Suite struct OperationServiceTests {
    private func serve(
        _ folder: FilePath, _ body: @escaping @Sendable (OperationService) async throws -> Void
    ) async throws {
        let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
        let service = OperationService(
            database: database, events: DatabaseEventLog(database: database), data: folder,
            logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            try await body(service)
            group.cancelAll()
        }
    }

    @Test func resultsFailuresAndCancellationsAreRecorded() async throws {
        try await Scratch.with { folder in
            try await serve(folder) { service in
                let good = try await service.start(kind: "gc", title: "good") { context in
                    try context.log?.append(["a": 1])
                    return ["bytes": 7]
                }
                let bad = try await service.start(kind: "gc", title: "bad") { _ in
                    throw RucheError(.diskFull, "the disk is full")
                }
                let long = try await service.start(kind: "gc", title: "long") { _ in
                    try await Task.sleep(for: .seconds(3600))
                    return .null
                }
                _ = try await service.cancel(long.id)
                for id in [good.id, bad.id, long.id] {
                    #expect(try await eventually { try await service.operation(id)?.state.isFinal == true })
                }
                #expect(try await service.operation(good.id)?.result == ["bytes": 7])
                #expect(try await service.operation(bad.id)?.failure?.code == .diskFull)
                #expect(try await service.operation(long.id)?.state == .cancelled)
                let log = try await service.logPath(good.id)
                #expect(try String(decoding: AtomicFile.read(log), as: UTF8.self) == "{\"a\":1}\n")
                #expect(try await service.operations(before: nil, limit: 2).count == 2)
            }
        }
    }

    @Test func whatRanWhenTheProcessDiedHasFailedAtTheNextStart() async throws {
        try await Scratch.with { folder in
            let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
            let row = OperationRow(
                id: "0000000000000000000000000a", kind: "build", title: "t", state: "running", createdAt: 1)
            try await database.write { try OperationRepository($0).insert(row) }
            try await serve(folder) { service in
                let id = try #require(Identifier(row.id))
                #expect(try await eventually { try await service.operation(id)?.state == .failed })
                #expect(try await service.operation(id)?.failure?.code == .cancelled)
            }
        }
    }
}
