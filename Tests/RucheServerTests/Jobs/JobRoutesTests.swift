import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import RucheCore
import RucheHost
import RucheServer
import RucheService
import RucheWire
import Support
import SystemPackage
import Testing

@Suite struct JobRoutesTests {
    private static let id = "01hzzzzzzzzzzzzzzzzzzzzzzz"

    private func with(_ body: @Sendable (JobFixture) async throws -> Void) async throws {
        try await Scratch.with { try await body(JobFixture($0)) }
    }

    private func submit(_ fixture: JobFixture, _ body: String = #"{"release":"lab/test","inputs":[],"parameters":{}}"#)
        async throws -> JobDocument
    {
        let response = try await fixture.harness.call(.post, "/api/v1/jobs", body: body)
        #expect(response.status == .created)
        let job = try JSONCoding.decode(JobDocument.self, from: response.body)
        #expect(response.headers[.location] == "/api/v1/jobs/\(job.id)")
        return job
    }

    @Test(arguments: [
        ("GET", "/api/v1/jobs?state=sleeping", 400), ("GET", "/api/v1/jobs?cursor=x", 400),
        ("GET", "/api/v1/jobs?limit=1001", 400), ("GET", "/api/v1/jobs/nonsense", 404),
        ("GET", "/api/v1/jobs/\(id)", 404), ("DELETE", "/api/v1/jobs/\(id)", 404),
        ("POST", "/api/v1/jobs/\(id)/pause", 404), ("POST", "/api/v1/jobs/\(id)/resume", 404),
        ("POST", "/api/v1/jobs/\(id)/cancel", 404), ("POST", "/api/v1/jobs/\(id)/rerun", 404),
        ("GET", "/api/v1/jobs/\(id)/logs", 404), ("GET", "/api/v1/jobs/\(id)/logs?from=-1", 400),
        ("GET", "/api/v1/jobs/\(id)/logs?follow=maybe", 400), ("GET", "/api/v1/jobs/\(id)/stats", 404),
        ("GET", "/api/v1/jobs/\(id)/outputs", 404), ("GET", "/api/v1/jobs/\(id)/outputs?cursor=x", 400),
        ("GET", "/api/v1/jobs/\(id)/outputs/..%2Fx", 404), ("GET", "/api/v1/jobs/\(id)/record", 404),
        ("PUT", "/api/v1/jobs", 405), ("GET", "/api/v1/events?after=x", 400), ("GET", "/api/v1/events?limit=0", 400),
        ("GET", "/api/v1/operations/\(id)", 404), ("DELETE", "/api/v1/operations/\(id)", 404),
        ("GET", "/api/v1/operations/nonsense", 404), ("POST", "/api/v1/files", 400),
        ("POST", "/api/v1/files?name=..", 400), ("POST", "/api/v1/files?name=a&digest=sha256:1", 400),
    ])
    func badInputIsAProblem(method: String, uri: String, status: Int) async throws {
        try await with { fixture in
            let problem = try await fixture.harness.problem(try #require(HTTPRequest.Method(method)), uri)
            #expect(problem.status == status, "\(problem.detail)")
        }
    }

    @Test func aJobIsCheckedWholeBeforeItIsTaken() async throws {
        try await with { fixture in
            let problem = try await fixture.harness.problem(
                .post, "/api/v1/jobs",
                body: #"{"release":"lab/test","inputs":[],"parameters":{"n":9,"other":1}}"#)
            #expect(problem.status == 400 || problem.status == 422)
            #expect(problem.code == .invalidForm)
            #expect(Set(problem.errors.map(\.path)) == ["n", "other"])
            let list = try await fixture.harness.call(.get, "/api/v1/jobs")
            #expect(try JSONCoding.decode(Page<JobSummaryDocument>.self, from: list.body).items.isEmpty)
        }
    }

    @Test func pathsAreTakenOnThePrivateSocketOnly() async throws {
        try await with { fixture in
            let token = "0123456789abcdef0123"
            let far = RouterHarness(
                fixture.routes, kind: .network(HostPolicy(names: [])), token: AccessToken(token))
            let headers: HTTPFields = [.authorization: "Bearer \(token)"]
            for body in [
                #"{"release":"lab/test","inputs":[{"name":"a","path":"/etc/passwd"}],"parameters":{}}"#,
                #"{"release":"lab/test","inputs":[],"parameters":{},"databases":"/etc"}"#,
            ] {
                #expect(try await far.problem(.post, "/api/v1/jobs", headers: headers, body: body).status == 403)
            }
            let job = try await submit(fixture)
            #expect(job.folder != nil)
            let seen = try await far.call(.get, "/api/v1/jobs/\(job.id)", headers: headers)
            #expect(try JSONCoding.decode(JobDocument.self, from: seen.body).folder == nil)
        }
    }

    @Test func listsComeInPagesNewestFirst() async throws {
        try await with { fixture in
            var ids: [Identifier] = []
            for _ in 0..<5 { ids.append(try await submit(fixture).id) }
            var seen: [Identifier] = []
            var cursor: String?
            repeat {
                let query = "limit=2" + (cursor.map { "&cursor=\($0)" } ?? "")
                let response = try await fixture.harness.call(.get, "/api/v1/jobs?\(query)")
                let page = try JSONCoding.decode(Page<JobSummaryDocument>.self, from: response.body)
                seen += page.items.map(\.id)
                cursor = page.next
            } while cursor != nil
            #expect(seen == ids.sorted().reversed())
        }
    }

    @Test func aQueuedJobIsCancelledAndNotRemovedBefore() async throws {
        try await with { fixture in
            _ = try await submit(fixture)
            let job = try await submit(fixture)
            #expect(try await fixture.harness.problem(.delete, "/api/v1/jobs/\(job.id)").code == .invalidState)
            #expect(try await fixture.harness.problem(.get, "/api/v1/jobs/\(job.id)/stats").code == .invalidState)
            #expect(try await fixture.harness.problem(.get, "/api/v1/jobs/\(job.id)/record").code == .notFound)
            #expect(try await fixture.harness.problem(.post, "/api/v1/jobs/\(job.id)/pause").code == .unsupported)
            let response = try await fixture.harness.call(.post, "/api/v1/jobs/\(job.id)/cancel")
            #expect(response.status == .ok)
        }
    }

    @Test func onlyTheJobsOwnTokenNotifies() async throws {
        try await with { fixture in
            let job = try await submit(fixture)
            let uri = "/api/v1/jobs/\(job.id)/notify"
            for headers: HTTPFields in [[:], [.authorization: "Bearer wrong"], [.authorization: "Basic x"]] {
                let problem = try await fixture.harness.problem(
                    .post, uri, headers: headers, body: #"{"progress_value":1}"#)
                #expect(problem.status == 401)
            }
            // A job that does not exist is answered as a wrong token is.
            let other = try await fixture.harness.problem(
                .post, "/api/v1/jobs/\(Self.id)/notify", headers: [.authorization: "Bearer wrong"], body: "{}")
            #expect(other.status == 401)
        }
    }

    @Test func eventsAreReadAfterASequenceAndInPages() async throws {
        try await with { fixture in
            let job = try await submit(fixture)
            _ = try await submit(fixture)
            let all = try await fixture.harness.call(.get, "/api/v1/events")
            let events = try JSONCoding.decode(Page<EventDocument>.self, from: all.body).items
            #expect(events.map(\.sequence) == events.map(\.sequence).sorted())
            let first = try #require(events.first)
            let rest = try await fixture.harness.call(.get, "/api/v1/events?after=\(first.sequence)&limit=1")
            let page = try JSONCoding.decode(Page<EventDocument>.self, from: rest.body)
            #expect(page.items.map(\.sequence) == [events[1].sequence] && page.next == "\(events[1].sequence)")
            let own = try await fixture.harness.call(.get, "/api/v1/events?subject=job:\(job.id)")
            #expect(
                try JSONCoding.decode(Page<EventDocument>.self, from: own.body).items.allSatisfy {
                    $0.subject == "job:\(job.id)"
                })
        }
    }

    @Test func anUploadIsKeptByItsDigestAndBounded() async throws {
        try await with { fixture in
            let response = try await fixture.harness.call(.post, "/api/v1/files?name=a.txt", body: "hello")
            #expect(response.status == .created)
            let file = try JSONCoding.decode(FileDocument.self, from: response.body)
            #expect(file.name == "a.txt" && file.size == 5)
            let job = try await submit(
                fixture,
                #"{"release":"lab/test","inputs":[{"name":"x","file":"\#(file.digest)"}],"parameters":{"n":2}}"#)
            #expect(job.inputs == [JobFile(path: "x", size: 5, digest: file.digest)])
            let large = String(repeating: "x", count: 101)
            #expect(try await fixture.harness.problem(.post, "/api/v1/files?name=b", body: large).status == 413)
            let wrong = try await fixture.harness.problem(
                .post, "/api/v1/files?name=c&digest=sha256:\(String(repeating: "0", count: 64))", body: "hello")
            #expect(wrong.code == .corruptContent)
        }
    }

    @Test func aLogIsServedWholeOrOneStepOfIt() async throws {
        try await with { fixture in
            let operations = OperationService(
                database: fixture.database, events: DatabaseEventLog(database: fixture.database), data: fixture.data,
                logger: Logger(label: "test"))
            let begun = try await operations.start(kind: "build", title: "t") { _ in .null }
            let log = try await operations.logPath(begun.id)
            try FileTree.makeFolder(log.removingLastComponent())
            let lines = (0..<30_000).map {
                #"{"step":\#($0 % 3),"stream":"stdout","text":"line \#($0)"}"# + "\n"
            }
            let text = lines.joined() + "{\"step\":1"
            try AtomicFile.write(Array(text.utf8), to: log)
            let path = "/api/v1/operations/\(begun.id)/log"
            let whole = try await fixture.harness.call(.get, path).body
            #expect(String(buffer: whole) == text)
            let one = String(buffer: try await fixture.harness.call(.get, path + "?step=1").body)
            #expect(one == stride(from: 1, to: 30_000, by: 3).map { lines[$0] }.joined())
            #expect(try await fixture.harness.call(.get, path + "?step=9").body.readableBytes == 0)
            #expect(try await fixture.harness.call(.get, path + "?step=x").status == .badRequest)
        }
    }
}
