import Glibc
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// The queue over real containers, through the program and its API.
@Suite struct QueueTests {
    private static func submit(_ fixture: RucheFixture, _ release: String, _ more: String = "") async throws
        -> JobDocument
    {
        let body = "{\"release\":\"\(release)\",\"inputs\":[],\"parameters\":{}\(more)}"
        return try JSONText.whole(
            JobDocument.self,
            try await fixture.curl("/api/v1/jobs", "-d", body, "-H", "Content-Type: application/json"))
    }

    private static func states(_ fixture: RucheFixture, _ query: String = "limit=1000") async throws -> [JobState] {
        let text = try await fixture.curl("/api/v1/jobs?\(query)")
        return try JSONText.whole(JobPage.self, text).items.map(\.state)
    }

    private struct JobPage: Decodable {
        var items: [JobSummaryDocument]
    }

    /// How long all take is a matter of the machine; that one more is over each minute is not.
    private static func untilAllAreOver(_ fixture: RucheFixture) async throws {
        var over = 0
        var areAllOver = false
        while !areAllOver {
            let before = over
            try await eventually(within: .seconds(60), "one more than \(before) jobs are over") {
                let states = try await Self.states(fixture)
                over = states.filter(\.isFinal).count
                areAllOver = over == states.count
                return areAllOver || over > before
            }
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func twoHundredJobsStartInOrderAndAKillInBetweenLosesNone() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(job: ": >/pipeline/outputs/done")
            let served = try await ServedProcess.start(fixture)
            var ids: [Identifier] = []
            for _ in 0..<200 { ids.append(try await Self.submit(fixture, release).id) }
            #expect(try await Self.states(fixture).contains(.queued))
            try await served.end(SIGKILL)
            try await ServedProcess.with(fixture) { _ in
                try await Self.untilAllAreOver(fixture)
                #expect(try await Self.states(fixture).filter { $0 == .succeeded }.count == 200)
                #expect(try await Self.states(fixture, "state=failed") == [])
            }
            for id in ids {
                let kinds = FileTree.exists(fixture.data.appending("jobs/\(id)/outputs/done"))
                #expect(kinds)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aLockedDatabaseIsWaitedForAndNothingIsLost() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(job: "true")
            try await ServedProcess.with(fixture) { _ in
                let database = fixture.data.appending("ruche.db").string
                async let lock = fixture.tool(
                    "python3", "-c",
                    """
                    import sqlite3, sys, time
                    connection = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
                    connection.execute("BEGIN IMMEDIATE")
                    open(sys.argv[2], "w").close()
                    time.sleep(3)
                    connection.execute("ROLLBACK")
                    """, database, fixture.folder.appending("locked").string)
                try await eventually(within: .seconds(60), "the database is locked") {
                    FileTree.exists(fixture.folder.appending("locked"))
                }
                let job = try await Self.submit(fixture, release)
                _ = try await lock
                try await eventually(within: .seconds(60), "the job is over") {
                    try await Self.states(fixture).allSatisfy(\.isFinal)
                }
                #expect(try await Self.states(fixture) == [.succeeded])
                #expect(try await fixture.kinds(of: job.id.description).filter { $0 == "job.ended" }.count == 1)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func theCommandsShowWhatWaitsAndWhy() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(job: "sleep 1000")
            try await ServedProcess.with(fixture) { _ in
                var ids: [String] = []
                for _ in 0..<3 {
                    ids.append(
                        try await fixture.ruche("run", release, "--detach", "--quiet").output.filter {
                            !$0.isWhitespace
                        })
                }
                let late = try await fixture.ruche(
                    "run", release, "--detach", "--quiet", "--after", ids[0], "--priority", "-5", "--retry", "2",
                    "--retry-on", "75", "engine_lost")
                ids.append(late.output.filter { !$0.isWhitespace })
                try await eventually(within: .seconds(60), "two jobs run") {
                    try await Self.states(fixture, "state=running").count == 2
                }
                let text = try await fixture.ruche("queue").output
                #expect(text.contains("dependency"))
                #expect(text.contains("slot"))
                try await fixture.ruche("job", "priority", "--to", "7", ids[2])
                let job = try JSONText.whole(JobDocument.self, try await fixture.curl("/api/v1/jobs/\(ids[2])"))
                #expect(job.priority == 7)
                #expect(job.waiting == .slot)
                #expect(job.position == 1)
                for id in ids.reversed() { try await fixture.ruche("job", "cancel", id) }
                try await eventually(within: .seconds(60), "all jobs are over") {
                    try await Self.states(fixture).allSatisfy(\.isFinal)
                }
            }
        }
    }
}
