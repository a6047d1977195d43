import Foundation
import Glibc
import RucheCore
import RucheEngines
import RucheHost
import RucheService
import RucheStore
import Support
import Synchronization
import SystemPackage
import Testing

@Suite struct JobProgressFloodTests {
    private static let waiting: FakeEngine.Program = { _, container in
        try await container.wait(for: SIGTERM)
        return ContainerExit(code: 0)
    }

    @Test func aFloodOfNotificationsIsAnsweredWithSlowDownAndItsLastWordIsKept() async throws {
        try await JobSite.with(Self.waiting) { site, engine in
            try await site.serve { jobs in
                let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
                #expect(try await jobs.reached(.running, id))
                let token = String(
                    decoding: try AtomicFile.read(JobFolder(data: site.data, id: id).token), as: UTF8.self)
                let count = 20_000
                var refused = 0
                for number in 1...count {
                    do {
                        let payload: JSONValue = ["progress_value": .number(Double(number) / Double(count))]
                        _ = try await jobs.notify(id, token: token, payload: payload)
                    } catch let error as RucheError where error.code == .tooManyRequests {
                        #expect(Int(error.details[ErrorCode.retryAfter] ?? "") ?? 0 >= 1)
                        refused += 1
                    }
                }
                #expect(refused > count / 2)
                #expect(try await jobs.job(id).progress == 1)
                await engine.container("ruche-\(id)")?.receive(SIGTERM)
                #expect(try await jobs.end(of: id).progress == 1)
            }
            let events = try await site.events.events(after: 0, subject: nil, limit: 1000)
            let told = events.filter { $0.kind == "job.progressed" }
            #expect(told.count < 400)
            #expect(told.last?.data["progress"]?.doubleValue == 1, "the last word was told too")
            #expect(events.last?.kind == "job.ended" && events.last?.data["progress"]?.doubleValue == 1)
        }
    }

    @Test func theLastProgressIsToldHoweverSoonTheJobEnds() async throws {
        let program: FakeEngine.Program = { spec, container in
            try await container.wait(for: SIGTERM)
            let text = #"{"progress_value": 1, "progress_label": "b.txt"}"#
            guard let logs = spec.folder("/pipeline/logs") else { return ContainerExit(code: 1) }
            try AtomicFile.write(Array(text.utf8), to: logs.appending("progress.json"))
            return ContainerExit(code: 0)
        }
        try await JobSite.with(program) { site, engine in
            try await site.serve { jobs in
                let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
                #expect(try await jobs.reached(.running, id))
                let token = String(
                    decoding: try AtomicFile.read(JobFolder(data: site.data, id: id).token), as: UTF8.self)
                _ = try await jobs.notify(id, token: token, payload: ["progress_value": .number(0.5)])
                await engine.container("ruche-\(id)")?.receive(SIGTERM)
                #expect(try await jobs.end(of: id).state == .succeeded)
            }
            let events = try await site.events.events(after: 0, subject: nil, limit: 1000)
            let told = events.filter { $0.kind == "job.progressed" }.map(\.data)
            #expect(told.map { $0["progress"]?.doubleValue } == [0.5, 1])
            #expect(told.last?["label"]?.stringValue == "b.txt")
        }
    }

    private final class Flag: Sendable {
        private let state = Mutex(false)
        var isSet: Bool { state.withLock { $0 } }
        func set(_ value: Bool = true) { state.withLock { $0 = value } }
    }

    /// Another program's transaction that goes on while `body` runs, and then until it was longer than a database waits
    /// for one. `body` is told whether it still does: it ends after a minute, should `body` wait for it.
    private func locked(_ data: FilePath, _ body: (_ isHeld: Flag) async throws -> Void) async throws {
        let other = try SQLiteDatabase(path: data.appending("ruche.db"))
        let (isHeld, isOver) = (Flag(), Flag())
        let held = Task {
            try await other.write { _ in
                let start = ContinuousClock.now
                isHeld.set()
                defer { isHeld.set(false) }
                while true {
                    let most: Duration = isOver.isSet ? .seconds(7) : .seconds(60)
                    if ContinuousClock.now - start >= most { return }
                    // On the database's own thread.
                    Thread.sleep(forTimeInterval: 0.01)
                }
            }
        }
        defer { isOver.set() }
        #expect(try await eventually { isHeld.isSet })
        try await body(isHeld)
        isOver.set()
        try await held.value
    }

    @Test func aLockedDatabaseHoldsNoNotificationUpAndLosesNoProgress() async throws {
        try await JobSite.with(Self.waiting) { site, engine in
            try await site.serve { jobs in
                let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
                #expect(try await jobs.reached(.running, id))
                let token = String(
                    decoding: try AtomicFile.read(JobFolder(data: site.data, id: id).token), as: UTF8.self)
                _ = try await eventually { try await site.kinds().contains("job.started") }
                try await locked(site.data) { isHeld in
                    let begin = ContinuousClock.now
                    for value in [0.25, 0.5] {
                        let payload: JSONValue = ["progress_value": .number(value)]
                        _ = try await jobs.notify(id, token: token, payload: payload)
                    }
                    #expect(isHeld.isSet, "they did not wait for it")
                    #expect(ContinuousClock.now - begin < .seconds(5), "nor for as long as a database does")
                    #expect(try await jobs.job(id).progress == 0.5)
                }
                await engine.container("ruche-\(id)")?.receive(SIGTERM)
                #expect(try await jobs.end(of: id).progress == 0.5)
            }
            let events = try await site.events.events(after: 0, subject: nil, limit: 1000)
            #expect(events.last?.kind == "job.ended" && events.last?.data["progress"]?.doubleValue == 0.5)
        }
    }

    @Test func whatAJobUsedIsKeptWithIt() async throws {
        try await JobSite.with(Self.waiting) { site, engine in
            try await site.serve { jobs in
                let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
                #expect(try await eventually { try await jobs.usage(id).series.points.count >= 2 })
                await engine.container("ruche-\(id)")?.receive(SIGTERM)
                let record = try await jobs.end(of: id)
                #expect(record.usage?.cpuSeconds == 1e-9)
                #expect(try await jobs.usage(id).series.points.count >= 2, "from the folder, now that it is over")
                let run = String(decoding: try await jobs.runRecordBytes(id), as: UTF8.self)
                #expect(run.contains("\"memoryPeakBytes\""))
            }
        }
    }

    @Test func earlierRunsTellWhenAJobMayEnd() async throws {
        try await JobSite.with(Self.waiting) { site, engine in
            let times = TestClock()
            try await site.serve({ ($0.now, $0.instant) = ({ times.now }, { times.instant }) }) { jobs in
                let first = try await jobs.submit(JobSubmission(release: "lab/test")).id
                #expect(try await jobs.reached(.running, first))
                #expect(await jobs.estimatedEnd(try await jobs.job(first)) == nil)
                times.advance(60_000)
                await engine.container("ruche-\(first)")?.receive(SIGTERM)
                _ = try await jobs.end(of: first)
                let second = try await jobs.submit(JobSubmission(release: "lab/test")).id
                #expect(try await jobs.reached(.running, second))
                let record = try await jobs.job(second)
                #expect(await jobs.estimatedEnd(record) == record.startedAt.map { $0 + 60_000 })
                times.advance(90_000)
                #expect(await jobs.estimatedEnd(record) == nil, "it takes longer than the other did")
            }
        }
    }
}
