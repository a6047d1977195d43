import Glibc
import RucheCore
import RucheEngines
import RucheHost
import RucheService
import Support
import SystemPackage
import Testing

@Suite struct JobServiceTests {
    @Test func aJobRunsAndLeavesOutputsLogsAndARecord() async throws {
        try await JobSite.with({ spec, _ in
            try spec.console("::ruche::progress 0.5 half")
            try spec.console("oops", stream: "stderr")
            let outputs = try #require(spec.folder("/pipeline/outputs"))
            try FileTree.makeFolder(outputs.appending("deep"))
            try AtomicFile.write(Array("abc".utf8), to: outputs.appending("deep/a.txt"))
            symlink("/etc/passwd", outputs.appending("link").string)
            return ContainerExit(code: 0)
        }) { site, engine in
            let path = try site.write("input", to: "in.txt")
            let (id, record) = try await site.serve { jobs in
                var submission = JobSubmission(release: "lab/test", inputs: [.init(name: "x.txt", path: path)])
                submission.name = "first"
                let id = try await jobs.submit(submission).id
                return (id, try await jobs.end(of: id))
            }
            #expect(record.state == .succeeded)
            #expect(record.exit == JobExit(reason: .exited, code: 0))
            #expect(record.progress == 0.5)
            #expect(record.outputs.map(\.path) == ["deep/a.txt"])
            #expect(record.outputs.first?.digest.hex.hasPrefix("ba7816bf") == true)
            #expect(record.warnings.contains { $0.contains("link") })
            #expect(record.inputs.first?.digest != nil)
            let folder = JobFolder(data: site.data, id: id)
            #expect(try String(decoding: AtomicFile.read(folder.logs.appending("err.log")), as: UTF8.self) == "oops\n")
            let json = try String(decoding: AtomicFile.read(folder.record), as: UTF8.self)
            #expect(json.contains("\"sha256\" : \"ba7816bf"))
            #expect(!FileTree.exists(folder.scratch))
            #expect(!FileTree.exists(folder.token))
            #expect(try await engine.list().isEmpty)
            let kinds = try await site.kinds()
            #expect(kinds.first == "job.queued")
            #expect(kinds.last == "job.ended")
            #expect(kinds.filter { $0 == "job.ended" }.count == 1)
        }
    }

    @Test func theContainerGetsWhatTheContractSays() async throws {
        let specs = Collected<ContainerSpec>()
        try await JobSite.with({ spec, _ in
            specs.add(spec)
            let inputs = try #require(spec.folder("/pipeline/inputs"))
            let config = try String(decoding: AtomicFile.read(inputs.appending("config.json")), as: UTF8.self)
            for key in ["\"job\"", "\"run\"", "\"parameters\"", "\"pirus\"", "\"regovar\"", "\"notify_url\""] {
                guard config.contains(key) else { return ContainerExit(code: 1) }
            }
            return ContainerExit(code: 0)
        }) { site, _ in
            let record = try await site.serve { jobs in
                try await jobs.end(of: jobs.submit(JobSubmission(release: "lab/test:1.0")).id)
            }
            #expect(record.state == .succeeded)
            let sandbox = try #require(specs.all.first).sandbox
            let url = "http://localhost/api/v1/jobs/\(record.id)/notify"
            #expect(sandbox.environment["NOTIFY_URL"] == url)
            #expect(sandbox.environment["PIRUS_NOTIFY_URL"] == url)
            #expect(sandbox.environment["PIRUS_CONFIG_FILE"] == "/pipeline/inputs/config.json")
            #expect(sandbox.environment["RUCHE_JOB"] == record.id.description)
            #expect(sandbox.environment["LANG"] == "C.UTF-8")
            #expect(sandbox.uid == (geteuid() == 0 ? 65534 : geteuid()))
            #expect(!sandbox.network)
            #expect(
                sandbox.mounts.filter { !$0.readOnly }.map(\.destination) == ["/pipeline/outputs", "/pipeline/logs"])
        }
    }

    @Test func everyProblemIsSaidAtOnceAndNothingStarts() async throws {
        let form = #"{"properties": {"ploidy": {"type": "integer", "minimum": 1, "maximum": 2}}}"#
        try await JobSite.with({ _, _ in ContainerExit(code: 0) }, form: form) { site, engine in
            try await site.serve { jobs in
                var submission = JobSubmission(
                    release: "lab/test",
                    inputs: [
                        .init(name: "../a", path: "/nowhere"), .init(name: "config.json", path: "/tmp"),
                        .init(name: "b", path: "relative"), .init(name: "b"),
                    ], parameters: ["ploidy": 9])
                submission.databases = "/nowhere/at/all"
                submission.limits = ResourceLimits(cpus: 0, time: 0)
                let wrong = submission
                let error = await #expect(throws: RucheError.self) { try await jobs.submit(wrong) }
                #expect(error?.code == .invalidInput)
                let paths = Set(error?.problems.map(\.path) ?? [])
                #expect(
                    paths.isSuperset(of: [
                        "inputs[0].name", "inputs[0].path", "inputs[1].name", "inputs[1].path", "inputs[2].path",
                        "inputs[3].name", "inputs[3]", "databases", "limits.cpus", "limits.time", "ploidy",
                    ]), "\(paths)")
                let form = await #expect(throws: RucheError.self) {
                    try await jobs.submit(JobSubmission(release: "lab/test", parameters: ["ploidy": 9]))
                }
                #expect(form?.code == .invalidForm)
                let unknown = await #expect(throws: RucheError.self) {
                    try await jobs.submit(JobSubmission(release: "lab/other"))
                }
                #expect(unknown?.code == .notFound)
                let accepted = try await jobs.jobs(limit: 10)
                #expect(accepted.isEmpty)
            }
            #expect(await engine.calls.isEmpty)
        }
    }

    @Test func slotsAreKeptAndOrderIsByAge() async throws {
        let running = Collected<Int>()
        try await JobSite.with({ _, container in
            running.add(1)
            try await container.wait(for: SIGTERM)
            return ContainerExit(code: 0)
        }) { site, _ in
            try await site.serve({ $0.slots = 1 }) { jobs in
                let first = try await jobs.submit(JobSubmission(release: "lab/test")).id
                let second = try await jobs.submit(JobSubmission(release: "lab/test")).id
                #expect(try await jobs.reached(.running, first))
                #expect(try await jobs.job(second).state == .queued)
                _ = try await jobs.cancel(first)
                #expect(try await jobs.end(of: first).state == .cancelled)
                #expect(try await jobs.reached(.running, second))
                #expect(try await eventually { running.all.count == 2 })
                _ = try await jobs.cancel(second)
                #expect(try await jobs.end(of: second).state == .cancelled)
            }
        }
    }

    @Test func aJobThatIgnoresTheFriendlySignalIsKilled() async throws {
        try await JobSite.with({ _, container in
            try await container.wait(for: SIGKILL)
            return ContainerExit(code: 137)
        }) { site, engine in
            let record = try await site.serve { jobs in
                let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
                #expect(try await jobs.reached(.running, id))
                _ = try await jobs.cancel(id)
                return try await jobs.end(of: id)
            }
            #expect(record.exit?.reason == .cancelled)
            #expect(record.exit?.signal == 9)
            let signals = await engine.calls.filter { $0.hasPrefix("signal") }
            #expect(signals.first == "signal 15")
            #expect(signals.contains("signal 9"))
        }
    }

    @Test func timeAndDiskLimitsEndAJobAndAreToldApart() async throws {
        try await JobSite.with({ spec, container in
            if spec.sandbox.limits.disk != nil {
                let file = try #require(spec.folder("/pipeline/outputs")).appending("big")
                try AtomicFile.write(Array(repeating: UInt8(1), count: 4 << 20), to: file)
            }
            try await container.wait(for: SIGTERM)
            return ContainerExit(code: 143)
        }) { site, _ in
            try await site.serve({ $0.slots = 2 }) { jobs in
                var slow = JobSubmission(release: "lab/test")
                slow.limits = ResourceLimits(time: 1)
                var big = JobSubmission(release: "lab/test")
                big.limits = ResourceLimits(disk: ByteCount(2 << 20))
                let (first, second) = (try await jobs.submit(slow).id, try await jobs.submit(big).id)
                #expect(try await jobs.end(of: second).exit?.reason == .diskLimit)
                #expect(try await jobs.end(of: first).exit?.reason == .timedOut)
            }
        }
    }

    @Test func pauseAndResumeChangeTheStateAndAreIdempotent() async throws {
        try await JobSite.with({ _, container in
            try await container.wait(for: SIGTERM)
            return ContainerExit(code: 0)
        }) { site, _ in
            try await site.serve { jobs in
                let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
                #expect(try await jobs.reached(.running, id))
                #expect(try await jobs.pause(id).state == .paused)
                #expect(try await jobs.pause(id).state == .paused)
                #expect(try await jobs.resume(id).state == .running)
                _ = try await jobs.pause(id)
                _ = try await jobs.cancel(id)
                #expect(try await jobs.end(of: id).state == .cancelled)
                await #expect(throws: RucheError.self) { try await jobs.pause(id) }
            }
        }
    }

    @Test func anInputThatChangesFailsTheJobByName() async throws {
        let paths = Collected<String>()
        try await JobSite.with({ _, _ in
            for path in paths.all { try AtomicFile.write(Array("other".utf8), to: FilePath(path)) }
            return ContainerExit(code: 0)
        }) { site, _ in
            let path = try site.write("input", to: "in.txt")
            paths.add(path)
            let record = try await site.serve { jobs in
                try await jobs.end(
                    of: jobs.submit(JobSubmission(release: "lab/test", inputs: [.init(name: "a", path: path)])).id)
            }
            #expect(record.state == .failed)
            #expect(record.exit?.message?.contains(path) == true)
        }
    }

    @Test func anEngineThatCannotMakeTheContainerFailsTheJobWithItsReason() async throws {
        try await JobSite.with({ _, _ in ContainerExit(code: 0) }) { site, engine in
            await engine.fail(RucheError(.engineUnavailable, "the engine is out of honey"))
            let record = try await site.serve { jobs in
                try await jobs.end(of: jobs.submit(JobSubmission(release: "lab/test")).id)
            }
            #expect(record.state == .failed)
            #expect(record.exit?.reason == .engineFailure)
            #expect(record.exit?.message == "the engine is out of honey")
        }
    }
}
