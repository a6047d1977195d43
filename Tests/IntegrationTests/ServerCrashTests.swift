import Glibc
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Kill -9 of `ruche serve`, and processes that take over from each other: nothing is lost, nothing comes twice.
@Suite struct ServerCrashTests {
    private static let counting = """
        for i in 1 2 3 4 5 6 7 8; do
            echo "::ruche::progress 0.$i step $i"
            echo $i > /pipeline/outputs/$i
            sleep 0.5
        done
        """

    /// What must hold of a job that was interrupted, whoever ended it.
    private func expectWhole(_ id: String, outputs: [String], _ fixture: RucheFixture) async throws {
        let job = try await fixture.job(id)
        #expect(job.state == .succeeded, "\(job)")
        #expect(job.outputs.map(\.path).sorted() == outputs)
        let folder = fixture.data.appending("jobs/\(id)")
        for output in job.outputs {
            let sum = try await fixture.tool("sha256sum", folder.appending("outputs").appending(output.path).string)
            #expect(sum.hasPrefix(output.digest?.hex ?? "none"), "\(output)")
        }
        let record = try await fixture.ruche("job", "show", id, "--record").output
        #expect(record.contains("\"succeeded\"") && outputs.allSatisfy { record.contains("\"\($0)\"") })
        try await fixture.expectNothingLeft(of: job)
    }

    @Test func aStreamGoesOnAfterTheLastEventItSaw() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(job: Self.counting)
            let first = try await ServedProcess.start(fixture)
            let id = try await fixture.ruche("run", release, "--detach", "--quiet").output.filter { !$0.isWhitespace }
            let stream = fixture.folder.appending("stream")
            let path = "/api/v1/events?follow&subject=job:\(id)"
            async let broken = Result { try await fixture.curl(path, "-N", "-o", stream.string) }
            try await eventually(within: .seconds(60), "progress is seen") {
                (try? AtomicFile.read(stream)).map { String(decoding: $0, as: UTF8.self).contains("step 3") } == true
            }
            try await first.end(SIGKILL)
            _ = await broken
            var seen = Self.ids(try AtomicFile.read(stream))
            let last = try #require(seen.last)
            let rest = fixture.folder.appending("rest")
            let all = try await ServedProcess.with(fixture) { served in
                async let followed = Result {
                    try await fixture.curl(path, "-N", "-H", "Last-Event-ID: \(last)", "-o", rest.string)
                }
                let all = try await untilEnded(id, fixture)
                try await eventually(within: .seconds(60), "the stream tells of the end") {
                    // It is not there before the first event.
                    let ids = (try? AtomicFile.read(rest)).map(Self.ids) ?? []
                    return (seen + ids).last == all.last?.sequence
                }
                // The stream ends with the server only.
                try await served.end()
                _ = await followed
                return all
            }
            if FileTree.exists(rest) { seen += Self.ids(try AtomicFile.read(rest)) }
            #expect(seen == all.map(\.sequence), "each event once, in order")
            #expect(all.filter { $0.kind == "job.ended" }.count == 1)
            try await expectWhole(id, outputs: (1...8).map(String.init), fixture)
        }
    }

    /// What happened to a job that has ended.
    private func untilEnded(_ id: String, _ fixture: RucheFixture) async throws -> [EventPage.Item] {
        var all: [EventPage.Item] = []
        try await eventually(within: .seconds(120), "the job ends") {
            let text = try await fixture.curl("/api/v1/events?limit=1000&subject=job:\(id)")
            all = try JSONText.whole(EventPage.self, text).items
            return all.contains { $0.kind == "job.ended" }
        }
        return all
    }

    /// Sequence numbers of whole events; what was cut off by the kill counts as not seen.
    private static func ids(_ bytes: [UInt8]) -> [Int] {
        let events = String(decoding: bytes, as: UTF8.self).replacing("\n\n", with: "\u{0}")
            .split(separator: "\u{0}", omittingEmptySubsequences: false).dropLast()
        return events.flatMap { $0.split(separator: "\n") }.filter { $0.hasPrefix("id:") }
            .compactMap { Int($0.dropFirst(3).filter(\.isNumber)) }
    }

    @Test func aFollowerTakesOverFromAServerThatWasKilled() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(job: Self.counting)
            let served = try await ServedProcess.start(fixture)
            async let run = fixture.run("run", release, "--json")
            try await eventually(within: .seconds(60), "the job writes") {
                (try? fixture.firstJobFolder()).map { FileTree.exists($0.appending("outputs/2")) } == true
            }
            Glibc.kill(served.pid, SIGKILL)
            let result = try await run
            #expect(result.status == .exited(0), "\(result.errorTail)")
            let lines = result.output.split(separator: "\n")
            #expect(lines.filter { $0.contains("\"job.ended\"") }.count == 1)
            let numbers = lines.compactMap { $0.firstMatch(of: /"sequence":([0-9]+)/).flatMap { Int($0.output.1) } }
            #expect(numbers.count > 4 && numbers == Set(numbers).sorted(), "no event comes twice: \(numbers)")
            let job = try JSONText.lastLine(JobDocument.self, result.output)
            try await expectWhole(job.id.description, outputs: (1...8).map(String.init), fixture)
        }
    }

    @Test func aServerKilledWhileItFinalizesEndsTheJobOnce() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(
                job: "for i in 1 2 3 4 5 6; do head -c 80m /dev/zero > /pipeline/outputs/$i; done; echo done")
            var killed: String?
            for _ in 0..<5 where killed == nil { killed = try await killWhileFinalizing(release, fixture) }
            let id = try #require(killed, "killed before the record was written")
            let folder = fixture.data.appending("jobs/\(id)")
            try await ServedProcess.with(fixture) { _ in
                try await eventually(within: .seconds(120), "the job ends") { try await fixture.job(id).state.isFinal }
                let kinds = try await fixture.kinds(of: id)
                #expect(kinds.filter { $0 == "job.ended" }.count == 1)
                #expect(kinds.last == "job.ended")
            }
            try await expectWhole(id, outputs: (1...6).map(String.init), fixture)
            let log = try AtomicFile.read(folder.appending("logs/out.log"))
            #expect(log == Array("done\n".utf8))
            #expect(!FileTree.exists(folder.appending("logs/out.1.log")), "the console was split once")
        }
    }

    /// Kills the server of a new job whose output is being looked at. Nil when its record was written already.
    private func killWhileFinalizing(_ release: String, _ fixture: RucheFixture) async throws -> String? {
        let served = try await ServedProcess.start(fixture)
        let id = try await fixture.ruche("run", release, "--detach", "--quiet").output.filter { !$0.isWhitespace }
        let folder = fixture.data.appending("jobs/\(id)")
        try await eventually(within: .seconds(120), every: .milliseconds(2), "the job is being finalized") {
            FileTree.exists(folder.appending("logs/out.log"))
        }
        Glibc.kill(served.pid, SIGKILL)
        let wasWhole = FileTree.exists(folder.appending("run.json"))
        try await served.end(SIGKILL)
        return wasWhole ? nil : id
    }

    @Test func theSecondCommandTakesOverFromTheFirstInOrder() async throws {
        try await RucheFixture.with { fixture in
            let short = try await fixture.buildBusybox(name: "test/short", job: "sleep 2; echo x > /pipeline/outputs/x")
            let long = try await fixture.buildBusybox(
                name: "test/long",
                job: "for i in 1 2 3 4 5 6 7 8 9; do echo \"line $i\"; echo $i > /pipeline/outputs/$i; sleep 0.6; done")
            async let first = fixture.run("run", short, "--json")
            try await eventually(within: .seconds(60), "the first command serves and runs its job") {
                (try? fixture.firstJobFolder()).map { FileTree.exists($0.appending("token")) } == true
            }
            let line = ["run", long, "--logs", "--no-color"]
            let second = try await fixture.runner.run(
                Command(
                    "/bin/sh", ["-c", "exec \"$@\" 2>&1", "sh", RucheFixture.program] + line,
                    environment: ["RUCHE_DATA": fixture.data.string, "HOME": fixture.folder.string]), onLine: nil)
            let ended = try await first
            #expect(ended.status == .exited(0), "\(ended.errorTail)")
            #expect(second.status == .exited(0), "\(second.output)")
            let one = try JSONText.lastLine(JobDocument.self, ended.output)
            let two = try await fixture.job(
                try #require(second.output.firstMatch(of: /job ([0-9a-z]{26})/).map { String($0.output.1) }))
            #expect((one.endedAt ?? 0) < (two.endedAt ?? 0), "the first served and ended while the second followed")
            let lines = second.output.split(separator: "\n")
            #expect(lines.filter { $0.hasPrefix("line ") } == (1...9).map { "line \($0)" }, "each line once, in order")
            try await expectWhole(one.id.description, outputs: ["x"], fixture)
            try await expectWhole(two.id.description, outputs: (1...9).map(String.init), fixture)
        }
    }
}
