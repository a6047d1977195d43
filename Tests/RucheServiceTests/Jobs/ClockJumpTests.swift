import Glibc
import RucheCore
import RucheEngines
import RucheHost
import RucheService
import RucheStore
import Support
import Testing

/// Somebody sets the clock of the machine while jobs run.
@Suite struct ClockJumpTests {
    private static let year: Int64 = 365 * 86_400_000

    private static let waiting: FakeEngine.Program = { _, container in
        try await container.wait(for: SIGTERM)
        return ContainerExit(code: 0)
    }

    @Test(arguments: [year, -year]) func aJumpEndsNoJobAndSpoilsNoEstimate(jump: Int64) async throws {
        try await JobSite.with(Self.waiting) { site, engine in
            let times = TestClock()
            try await site.serve({ ($0.now, $0.instant) = ({ times.now }, { times.instant }) }) { jobs in
                var submission = JobSubmission(release: "lab/test")
                submission.limits = ResourceLimits(time: 600)
                let first = try await jobs.submit(submission).id
                #expect(try await jobs.reached(.running, first))
                times.advance(30_000)
                times.jump(jump)
                let token = String(
                    decoding: try AtomicFile.read(JobFolder(data: site.data, id: first).token), as: UTF8.self)
                _ = try await jobs.notify(first, token: token, payload: ["progress_value": .number(0.5)])
                #expect(await jobs.estimatedEnd(try await jobs.job(first)) == times.now + 30_000)
                // Long enough for the watch to look at the time.
                try await Task.sleep(for: .milliseconds(100))
                #expect(try await jobs.job(first).state == .running)
                times.advance(30_000)
                await engine.container("ruche-\(first)")?.receive(SIGTERM)
                #expect(try await jobs.end(of: first).ranSeconds == 60)
                // The next of its pipeline is expected to take as long as it ran, whatever the wall said.
                let second = try await jobs.submit(submission).id
                #expect(try await jobs.reached(.running, second))
                #expect(await jobs.estimatedEnd(try await jobs.job(second)) == times.now + 60_000)
                times.advance(600_000)
                #expect(try await jobs.end(of: second).exit?.reason == .timedOut)
            }
        }
    }

    @Test func aJumpBetweenTwoServersEndsNoJobEither() async throws {
        try await JobSite.with(Self.waiting) { site, engine in
            let id = try await site.serve { jobs in
                var submission = JobSubmission(release: "lab/test")
                submission.limits = ResourceLimits(time: 600)
                let id = try await jobs.submit(submission).id
                #expect(try await jobs.reached(.running, id))
                _ = try await eventually { try await site.kinds().contains("job.started") }
                return id
            }
            // As if the clock had been a year behind when it started.
            try await site.database.write { connection in
                let rows = try connection.query("SELECT document FROM jobs", [])
                let text = try #require(rows.first?.text("document"))
                let moved = text.replacing(/"startedAt":[0-9]+/, with: "\"startedAt\":1000")
                #expect(moved != text)
                try connection.execute("UPDATE jobs SET document = ?", [.text(moved)])
            }
            try await site.serve { jobs in
                #expect(try await jobs.reached(.running, id))
                try await Task.sleep(for: .milliseconds(200))
                #expect(try await jobs.job(id).state == .running)
                await engine.container("ruche-\(id)")?.receive(SIGTERM)
                #expect(try await jobs.end(of: id).state == .succeeded)
            }
        }
    }
}
