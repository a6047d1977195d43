import RucheCore
import RucheStore
import Support
import Synchronization
import SystemPackage
import Testing

@testable import RucheService

@Suite struct AccessAuditTests {
    private final class Clock: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func pass(_ duration: Duration) { instant.withLock { $0 += duration } }
    }

    private func with(_ body: @Sendable (DatabaseEventLog, AccessAudit, Clock) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let events = DatabaseEventLog(database: try SQLiteDatabase(path: folder.appending("ruche.db")))
            let clock = Clock()
            try await body(events, AccessAudit(events) { clock.now }, clock)
        }
    }

    private func denied(_ actor: String, _ address: String = "10.0.0.1") -> DeniedAccess {
        DeniedAccess(
            method: "GET", route: "/api/v1/jobs/{id}", code: .forbidden, actor: actor, address: address)
    }

    private func count(_ events: DatabaseEventLog) async throws -> Int {
        try await events.events(after: 0, subject: nil, limit: 1000).count
    }

    @Test func oneThatFloodsLeavesAHandfulOfRowsAndTheirNumber() async throws {
        try await with { events, audit, clock in
            for _ in 0..<5000 { try await audit.record(denied("eve")) }
            #expect(try await count(events) == 20)
            try await audit.record(denied("bob"))
            let last = try #require(try await events.events(after: 20, subject: nil, limit: 9).last)
            #expect(last.actor == "bob" && last.owner == nil)
            guard case .object(let data) = last.data else { return #expect(Bool(false), "\(last.data)") }
            #expect(data["untold"] == .integer(4980))
            clock.pass(.seconds(60))
            for _ in 0..<10 { try await audit.record(denied("eve")) }
            #expect(try await count(events) == 22, "one a minute")
        }
    }

    @Test func manySourcesTogetherFillNoTableEither() async throws {
        try await with { events, audit, clock in
            for number in 0..<2000 {
                try await audit.record(denied("anonymous", "10.0.\(number / 250).\(number % 250)"))
            }
            #expect(try await count(events) == 200)
            clock.pass(.seconds(3600))
            for number in 0..<2000 { try await audit.record(denied("user\(number)")) }
            #expect(try await count(events) <= 200 + 200)
        }
    }
}
