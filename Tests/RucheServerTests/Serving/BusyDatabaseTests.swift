import Foundation
import HTTPTypes
import HummingbirdTesting
import RucheCore
import RucheHost
import RucheServer
import RucheService
import RucheStore
import RucheWire
import Support
import Synchronization
import SystemPackage
import Testing

/// What writers are told while the database can't be written.
@Suite struct BusyDatabaseTests {
    private static let job = #"{"release": "lab/test", "inputs": [], "parameters": {}}"#

    private func check(_ response: TestResponse, _ status: Int, _ code: ErrorCode, _ what: String) throws {
        #expect(response.status.code == status, "\(what)")
        #expect(response.headers[.contentType] == "application/problem+json", "\(what)")
        #expect(response.headers[.retryAfter].flatMap { Int($0) } ?? 0 > 0, "\(what)")
        #expect(try JSONCoding.decode(ProblemDocument.self, from: response.body).code == code, "\(what)")
    }

    private static func upload(_ fixture: JobFixture, _ name: String = "a") async throws -> TestResponse {
        let name = Data(name.utf8).base64EncodedString()
        return try await fixture.harness.call(
            .post, "/api/v1/uploads",
            headers: [.tusResumable: "1.0.0", .uploadLength: "10", .uploadMetadata: "filename \(name)"])
    }

    private final class Flag: Sendable {
        private let state = Mutex(false)
        var isSet: Bool { state.withLock { $0 } }
        func set() { state.withLock { $0 = true } }
    }

    /// A transaction of another program that goes on while `body` runs.
    private func locked(_ fixture: JobFixture, _ body: @Sendable () async throws -> Void) async throws {
        let other = try SQLiteDatabase(path: fixture.data.appending("ruche.db"))
        let (isHeld, isOver) = (Flag(), Flag())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await other.write { _ in
                    isHeld.set()
                    // On the database's own thread.
                    while !isOver.isSet { Thread.sleep(forTimeInterval: 0.01) }
                }
            }
            #expect(try await eventually { isHeld.isSet })
            defer { isOver.set() }
            try await body()
        }
    }

    @Test func aDatabaseThatStaysLockedIsAnswered503WithAWait() async throws {
        try await Scratch.with { folder in
            let fixture = try await JobFixture(folder)
            try await locked(fixture) {
                let job = try await fixture.harness.call(.post, "/api/v1/jobs", body: Self.job)
                try check(job, 503, .serverUnavailable, "a job")
                try check(try await Self.upload(fixture), 503, .serverUnavailable, "an upload")
                let file = try await fixture.harness.call(.post, "/api/v1/files?name=a", body: "hello")
                try check(file, 503, .serverUnavailable, "a file")
                // Readers go on.
                #expect(try await fixture.harness.call(.get, "/api/v1/jobs").status == .ok)
            }
            #expect(try await fixture.harness.call(.post, "/api/v1/jobs", body: Self.job).status == .created)
            #expect(try await Self.upload(fixture).status == .created)
            let list = try await fixture.harness.call(.get, "/api/v1/jobs")
            let page = try JSONCoding.decode(Page<JobSummaryDocument>.self, from: list.body)
            #expect(page.items.count == 1, "the refused one left nothing")
        }
    }

    @Test func aDatabaseThatMayNotGrowIsAnswered507WithAWait() async throws {
        try await Scratch.with { folder in
            let fixture = try await JobFixture(folder)
            // The smallest is the size that it has: SQLite says then that the disk is full.
            try await fixture.database.write { try $0.execute("PRAGMA max_page_count = 1", []) }
            func fill(_ what: String, _ ask: () async throws -> TestResponse) async throws {
                for _ in 0..<400 {
                    let response = try await ask()
                    if response.status == .created { continue }
                    return try check(response, 507, .diskFull, what)
                }
                #expect(Bool(false), "\(what) is never refused")
            }
            let long = String(repeating: "n", count: 200)
            try await fill("an upload") { try await Self.upload(fixture, long) }
            try await fill("a job") { try await fixture.harness.call(.post, "/api/v1/jobs", body: Self.job) }
            try await fill("a file") {
                try await fixture.harness.call(
                    .post, "/api/v1/files?name=\(long)", body: "\(UInt64.random(in: 0 ... .max))")
            }
            #expect(try await fixture.harness.call(.get, "/api/v1/jobs").status == .ok)
            try await fixture.database.write { try $0.execute("PRAGMA max_page_count = 1073741823", []) }
            #expect(try await Self.upload(fixture).status == .created)
        }
    }
}
