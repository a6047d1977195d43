import Glibc
import RucheCore
import RucheEngines
import RucheHost
import RucheService
import Support
import SystemPackage
import Testing

@Suite struct JobRecoveryTests {
    private static var fromSecond: LogSelection {
        var selection = LogSelection()
        selection.from = 1
        return selection
    }

    private static let waiting: FakeEngine.Program = { spec, container in
        try await container.wait(for: SIGTERM)
        try AtomicFile.write([1], to: try #require(spec.folder("/pipeline/outputs")).appending("late"))
        return ContainerExit(code: 0)
    }

    private func start(_ site: JobSite) async throws -> Identifier {
        try await site.serve { jobs in
            let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
            #expect(try await jobs.reached(.running, id))
            // The row must say so too: the process that comes next knows nothing else.
            _ = try await eventually { try await site.kinds().contains("job.started") }
            return id
        }
    }

    @Test func aContainerThatStillRunsIsWatchedAgain() async throws {
        try await JobSite.with(Self.waiting) { site, engine in
            let id = try await start(site)
            let record = try await site.serve { jobs in
                #expect(try await jobs.reached(.running, id))
                await engine.container("ruche-\(id)")?.receive(SIGTERM)
                return try await jobs.end(of: id)
            }
            #expect(record.state == .succeeded)
            #expect(record.outputs.map(\.path) == ["late"])
        }
    }

    @Test func aContainerThatEndedMeanwhileLosesNoOutput() async throws {
        try await JobSite.with(Self.waiting) { site, engine in
            let id = try await start(site)
            let container = try #require(await engine.container("ruche-\(id)"))
            await container.receive(SIGTERM)
            _ = try await eventually { await container.state == .exited(ContainerExit(code: 0)) }
            let record = try await site.serve { try await $0.end(of: id) }
            #expect(record.state == .succeeded)
            #expect(record.outputs.map(\.path) == ["late"])
            #expect(try await engine.list().isEmpty)
        }
    }

    @Test func aContainerThatVanishedFailsItsJob() async throws {
        try await JobSite.with(Self.waiting) { site, engine in
            let id = try await start(site)
            await engine.lose("ruche-\(id)")
            let record = try await site.serve { try await $0.end(of: id) }
            #expect(record.exit?.reason == .engineFailure)
        }
    }

    @Test func aQueuedJobOfAnEarlierProcessRuns() async throws {
        try await JobSite.with({ _, _ in ContainerExit(code: 0) }) { site, _ in
            let id = try await site.serve({ $0.slots = 0 }) {
                try await $0.submit(JobSubmission(release: "lab/test")).id
            }
            let record = try await site.serve { try await $0.end(of: id) }
            #expect(record.state == .succeeded)
        }
    }

    @Test func aRerunTakesTheSameOrSaysWhatIsMissing() async throws {
        try await JobSite.with({ _, _ in ContainerExit(code: 0) }) { site, _ in
            let path = try site.write("input", to: "in.txt")
            try await site.serve { jobs in
                let submission = JobSubmission(release: "lab/test", inputs: [.init(name: "a", path: path)])
                let first = try await jobs.end(of: jobs.submit(submission).id)
                let again = try await jobs.end(of: jobs.rerun(first.id).id)
                #expect(again.state == .succeeded)
                #expect(again.inputs.first?.digest == first.inputs.first?.digest)
                #expect(again.releaseDigest == first.releaseDigest)
                try AtomicFile.write(Array("other".utf8), to: FilePath(path))
                let error = await #expect(throws: RucheError.self) { try await jobs.rerun(first.id) }
                #expect(error?.problems.map(\.path) == ["inputs[0].path"])
            }
        }
    }

    @Test func notificationsNeedTheTokenAndNeverEndAJob() async throws {
        try await JobSite.with({ spec, container in
            try AtomicFile.write(
                AtomicFile.read(try #require(spec.folder("/run/ruche/token"))),
                to: try #require(spec.folder("/pipeline/outputs")).appending("token"))
            try await container.wait(for: SIGTERM)
            return ContainerExit(code: 1)
        }) { site, engine in
            try await site.serve { jobs in
                let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
                let copy = JobFolder(data: site.data, id: id).outputs.appending("token")
                #expect(try await eventually { FileTree.exists(copy) })
                let token = String(decoding: try AtomicFile.read(copy), as: UTF8.self)
                let payload: JSONValue = ["status": "done", "progress_value": "0.3", "name": "x", "state": "succeeded"]
                for wrong in [nil, "", "x", String(token.dropLast())] as [String?] {
                    let error = await #expect(throws: RucheError.self) {
                        try await jobs.notify(id, token: wrong, payload: payload)
                    }
                    #expect(error?.code == .unauthorized)
                }
                let record = try await jobs.notify(id, token: token, payload: payload)
                #expect(!record.state.isFinal)
                #expect(record.progress == 0.3)
                #expect(record.name == nil)
                await engine.container("ruche-\(id)")?.receive(SIGTERM)
                #expect(try await jobs.end(of: id).state == .failed)
            }
        }
    }

    @Test func logsFollowAJobToItsEndAndCanBeReadAgainFromALine() async throws {
        try await JobSite.with({ spec, container in
            try spec.console("one")
            try await container.wait(for: SIGTERM)
            try spec.console("two")
            return ContainerExit(code: 0)
        }) { site, engine in
            try await site.serve { jobs in
                let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
                var lines: [ConsoleLine] = []
                for try await line in try await jobs.logs(id, follow: true) {
                    lines.append(line)
                    if lines.count == 1 { await engine.container("ruche-\(id)")?.receive(SIGTERM) }
                }
                #expect(lines.map(\.text) == ["one", "two"])
                var rest: [String] = []
                for try await line in try await jobs.logs(id, Self.fromSecond, follow: false) {
                    rest.append(line.text)
                }
                #expect(rest == ["two"])
                try await jobs.remove(id)
                await #expect(throws: RucheError.self) { try await jobs.job(id) }
                #expect(!FileTree.exists(JobFolder(data: site.data, id: id).root))
            }
        }
    }
}
