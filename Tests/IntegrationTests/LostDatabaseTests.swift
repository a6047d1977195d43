import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// The data directory without its database, and a server behind a proxy.
@Suite struct LostDatabaseTests {
    @Test func releasesAndJobsComeBackAndADamagedRecordIsNamed() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(
                job: "cat /pipeline/inputs/data.txt > /pipeline/outputs/copy; echo hello")
            let input = try fixture.write("data.txt", "data\n")
            var jobs: [JobDocument] = []
            for name in ["one", "two", "three"] {
                let result = try await fixture.ruche(
                    "run", release, "--name", name, "--json", "--input", input.string)
                jobs.append(try JSONText.lastLine(JobDocument.self, result.output))
            }
            try await fixture.tool("sh", "-c", "rm \(fixture.data.string)/ruche.db*")
            let damaged = fixture.data.appending("jobs/\(jobs[1].id)/run.json")
            try await fixture.tool("truncate", "-s", "40", damaged.string)
            let list = try await fixture.ruche("job", "list", "--json")
            #expect(list.errorTail.contains(damaged.string + ".quarantined"), "\(list.errorTail)")
            let found = try JSONText.whole([JobSummaryDocument].self, list.output)
            #expect(found.map(\.id) == [jobs[2].id, jobs[0].id])
            #expect(found.map(\.name) == ["three", "one"] && found.map(\.outputs) == [1, 1])
            let shown = try await fixture.job(jobs[0].id.description)
            #expect(shown.outputs == jobs[0].outputs && shown.exit == jobs[0].exit)
            #expect(try await fixture.ruche("job", "logs", shown.id.description).output.contains("hello"))
            try await fixture.ruche("job", "rerun", shown.id.description)
            #expect(try await fixture.ruche("image", "list").output.contains("test/tiny"))
            // What was put right by hand comes back with a rebuild.
            let record = try AtomicFile.read(fixture.data.appending("jobs/\(jobs[0].id)/run.json"))
            let text = String(decoding: record, as: UTF8.self)
            try AtomicFile.write(
                Array(text.replacing(jobs[0].id.description, with: jobs[1].id.description).utf8), to: damaged)
            // The start of this command brings it back already.
            #expect(try await fixture.ruche("catalogue", "rebuild").output.contains("the index is new: 1 release"))
            #expect(try await fixture.job(jobs[1].id.description).state == .succeeded)
        }
    }

    @Test func aServerBehindAProxyAnswersToItsName() async throws {
        try await RucheFixture.with { fixture in
            let served = try await ServedProcess.start(
                fixture, "--listen", "127.0.0.1:0", "--host-name", "ruche.example.org")
            let log = try served.log()
            let address = try #require(log.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/)).output
            func status(_ host: String) async throws -> String {
                try await fixture.tool(
                    "curl", "-sS", "-H", "Host: \(host)", "-H",
                    "Authorization: Bearer \(String(decoding: try AtomicFile.read(fixture.data.appending("token")), as: UTF8.self).filter { !$0.isWhitespace })",
                    "\(address)/api/v1/jobs")
            }
            #expect(try await status("ruche.example.org").contains("\"items\""))
            #expect(try await status("localhost:80").contains("\"items\""))
            let refused = try await status("evil.example.org")
            #expect(refused.contains("\"forbidden\"") && refused.contains("--host-name evil.example.org"), "\(refused)")
            try await served.end()
            try await fixture.ruche("serve", "--listen", "127.0.0.1:0", "--host-name", "http://x", code: 2)
        }
    }
}
