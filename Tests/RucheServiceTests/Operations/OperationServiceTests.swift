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

    @Test func whatHasItsInputsGoesOnUnderItsIdentifier() async throws {
        try await Scratch.with { folder in
            let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
            func service() -> OperationService {
                OperationService(
                    database: database, events: DatabaseEventLog(database: database), data: folder,
                    logger: Logger(label: "test"))
            }
            try FileTree.makeFolder(folder.appending("sent"))
            try AtomicFile.write(Array("x".utf8), to: folder.appending("sent/file"))
            // Accepted and never run: the process ends before.
            let begun = try await service().start(kind: "build", title: "t", inputs: folder.appending("sent")) { _ in
                .null
            }
            let stray = folder.appending("operations/0000000000000000000000000a/inputs")
            try FileTree.makeFolder(stray)
            let next = service()
            try await next.recover([
                "build": { context in
                    let inputs = try #require(context.inputs)
                    return .string(String(decoding: try AtomicFile.read(inputs.appending("file")), as: UTF8.self))
                }
            ])
            #expect(!FileTree.exists(stray))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await next.run() }
                let isOver = try await eventually { try await next.operation(begun.id)?.state.isFinal == true }
                #expect(isOver)
                group.cancelAll()
            }
            #expect(try await next.operation(begun.id)?.result == "x")
            let own = folder.appending("operations/\(begun.id)/inputs")
            #expect(try await eventually { !FileTree.exists(own) })
        }
    }

    @Test func whatKillsTheServerAgainAndAgainIsGivenUp() async throws {
        try await Scratch.with { folder in
            let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
            try FileTree.makeFolder(folder.appending("sent"))
            func service() -> OperationService {
                OperationService(
                    database: database, events: DatabaseEventLog(database: database), data: folder,
                    logger: Logger(label: "test"))
            }
            let begun = try await service().start(kind: "build", title: "t", inputs: folder.appending("sent")) { _ in
                .null
            }
            for _ in 0..<10 {
                let next = service()
                try await next.recover(["build": { _ in .null }])
                #expect(try await next.operation(begun.id)?.state == .running)
            }
            let last = service()
            try await last.recover(["build": { _ in .null }])
            #expect(try await last.operation(begun.id)?.state == .failed)
            #expect(!FileTree.exists(folder.appending("operations/\(begun.id)/inputs")))
        }
    }

    @Test func shutdownLeavesWhatCanGoOnAndCancelsTheRest() async throws {
        try await Scratch.with { folder in
            let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
            let service = OperationService(
                database: database, events: DatabaseEventLog(database: database), data: folder,
                logger: Logger(label: "test"))
            try FileTree.makeFolder(folder.appending("sent"))
            try FileTree.makeFolder(folder.appending("unwanted"))
            let wait: OperationBody = { context in
                await context.report(0.5)
                try await Task.sleep(for: .seconds(3600))
                return .null
            }
            let kept = try await service.start(
                kind: "build", title: "t", inputs: folder.appending("sent"), wait)
            let unwanted = try await service.start(
                kind: "build", title: "t", inputs: folder.appending("unwanted"), wait)
            let rest = try await service.start(kind: "gc", title: "t", wait)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                for id in [kept.id, unwanted.id, rest.id] {
                    #expect(try await eventually { try await service.operation(id)?.progress == 0.5 })
                }
                _ = try await service.cancel(unwanted.id)
                group.cancelAll()
            }
            #expect(try await service.operation(kept.id)?.state == .running)
            #expect(FileTree.exists(folder.appending("operations/\(kept.id)/inputs")))
            #expect(try await service.operation(unwanted.id)?.state == .cancelled)
            #expect(try await service.operation(rest.id)?.state == .cancelled)
        }
    }
}
