import Glibc
import RucheCore
import RucheEngines
import RucheHost
import Support
import SystemPackage
import Testing

/// Faults of this engine's own parts.
@Suite(.serialized, .enabled(if: BusyboxRoot.isUsable && Tool.find("conmon") != nil))
struct OCIRuntimeEngineTests {
    @Test func theKernelTellsWhoseMemoryWasShort() async throws {
        let log = try? FileDescriptor.open("/dev/kmsg", .readOnly, options: [.nonBlocking, .closeOnExec])
        try log?.close()
        try await Fixture.with(kind, "busybox dd if=/dev/zero of=/memory/full bs=64k count=1000") { spec, _ in
            spec.sandbox.limits.memory = ByteCount(24 << 20)
            spec.sandbox.temporaries["/memory"] = ByteCount(1 << 30)
        } _: { fixture async throws in
            #expect(try await fixture.runToEnd() == ContainerExit(code: 137, outOfMemory: true))
            #expect(KernelLog.toldOutOfMemory(in: fixture.id, within: 300) == (log != nil))
            #expect(!KernelLog.toldOutOfMemory(in: "another-\(fixture.id)", within: 300))
            #expect(!KernelLog.toldOutOfMemory(in: fixture.id, within: -10), "nothing tells of what is to come")
        }
    }

    private let kind = EngineUnderTest.all[0]

    private func folder(_ fixture: Fixture) -> FilePath { fixture.data.appending("run/oci/containers/\(fixture.id)") }

    private func conmon(_ fixture: Fixture) throws -> Int32 {
        let text = try String(decoding: AtomicFile.read(folder(fixture).appending("conmon.pid")), as: UTF8.self)
        return try #require(Int32(text.filter { !$0.isWhitespace }))
    }

    @Test func reportsASupervisorThatWasKilled() async throws {
        try await Fixture.with(kind, "echo up; sleep 600") { fixture async throws in
            try await fixture.startRunning()
            #expect(try await fixture.logged("up"))
            let waiting = Task { try await fixture.engine.wait(fixture.id) }
            #expect(try kill(conmon(fixture), SIGKILL) == 0)
            let exit = try await waiting.value
            #expect(exit.code == 255)
            #expect(exit.lost?.contains("conmon") == true)
            #expect(try ControlGroup(container: fixture.id).processes() == [])
        }
    }

    @Test func reportsARestartOfTheMachine() async throws {
        try await Fixture.with(kind, "echo up; sleep 600") { fixture async throws in
            try await fixture.startRunning()
            let path = folder(fixture).appending("record.json")
            let text = try String(decoding: AtomicFile.read(path), as: UTF8.self)
            let boot = try #require(text.firstMatch(of: /"boot":"([^"]+)"/))
            try BusyboxRoot.write(text.replacing(boot.output.1, with: "another"), to: path)
            let second = try await fixture.restarted()
            guard case .exited(let exit) = try await second.state(fixture.id) else {
                Issue.record("still there after a restart")
                return
            }
            #expect(exit.code == 255)
            #expect(exit.lost?.contains("restarted") == true)
        }
    }

    @Test(arguments: ["", "{", #"{"id":7}"#]) func setsAsideARecordItCannotRead(text: String) async throws {
        try await Fixture.with(kind, "sleep 600") { fixture async throws in
            try await fixture.startRunning()
            try BusyboxRoot.write(text, to: folder(fixture).appending("record.json"))
            let second = try await fixture.restarted()
            #expect(try await second.list() == [fixture.id])
            guard case .exited(let exit) = try await second.state(fixture.id) else {
                Issue.record("a torn record is no running container")
                return
            }
            #expect(exit.lost != nil)
        }
    }

    @Test func deletesWhatAKilledProcessHadBegun() async throws {
        try await Fixture.with(kind, "sleep 600") { fixture async throws in
            try await fixture.engine.create(fixture.spec)
            // As if this process had ended after conmon was started and before its number was kept.
            let path = folder(fixture).appending("record.json")
            let text = try String(decoding: AtomicFile.read(path), as: UTF8.self)
            let processes = try #require(text.firstMatch(of: /"processes":\{.*\}\},/)?.output)
            try BusyboxRoot.write(text.replacing(processes, with: ""), to: path)
            let second = try await fixture.restarted()
            guard case .exited(let exit) = try await second.state(fixture.id) else {
                Issue.record("half a container is none")
                return
            }
            #expect(exit.lost != nil)
            try await second.delete(fixture.id)
            #expect(try await second.list() == [])
        }
    }

    /// As if the process had ended after it let the container run and before it kept what runs.
    @Test(arguments: ["sleep 600", "exit 7"]) func takesUpWhatWasLetRunBeforeItWasKept(program: String) async throws {
        try await Fixture.with(kind, program) { fixture async throws in
            try await fixture.engine.launch(fixture.spec) {}
            if program != "sleep 600" { _ = try await eventually { FileTree.exists(status(fixture)) } }
            let path = folder(fixture).appending("record.json")
            let text = try String(decoding: AtomicFile.read(path), as: UTF8.self)
            let processes = try #require(text.firstMatch(of: /"processes":\{(?:\}|.*\}\}),/)?.output)
            try BusyboxRoot.write(text.replacing(processes, with: ""), to: path)
            let second = try await fixture.restarted()
            if program == "sleep 600" {
                #expect(try await second.state(fixture.id) == .running)
                try await second.signal(fixture.id, SIGKILL)
                #expect(try await second.wait(fixture.id).code == 137)
            } else {
                #expect(try await second.state(fixture.id) == .exited(ContainerExit(code: 7)))
            }
        }
    }

    private func status(_ fixture: Fixture) -> FilePath { folder(fixture).appending("status/\(fixture.id)") }

    @Test func leavesNothingWhenCancelledWhileMaking() async throws {
        try await Fixture.with(kind, "sleep 600") { fixture async throws in
            for delay in [0, 3, 8, 15, 25, 40] {
                let task = Task { try await fixture.engine.create(fixture.spec) }
                try await Task.sleep(for: .milliseconds(delay))
                task.cancel()
                // It may have been made before the cancellation came.
                _ = await task.result
                try await fixture.engine.delete(fixture.id)
                #expect(try !ControlGroup(container: fixture.id).exists)
                #expect(try OverlayMount.mounted(under: fixture.folder) == [])
            }
        }
    }

    @Test func namesTheMissingTool() async throws {
        #expect(Tool.missing("conmon").message.contains("apt install conmon"))
    }

    @Test func worksInADeepDataFolder() async throws {
        try await Scratch.with { folder in
            let layer = folder.appending("layer")
            try BusyboxRoot.make(at: layer)
            let deep = folder.appending(String(repeating: "d", count: 120)).appending("with space: and, more")
            let engine = try await kind.make(deep)
            let id = "deep-\(getpid())"
            let spec = ContainerSpec(
                id: id, image: FolderImage(layer), scratch: deep.appending("scratch"),
                sandbox: SandboxSpec(root: "/", arguments: ["/bin/sh", "-c", "echo deep; exit 3"]))
            try await engine.create(spec)
            try await engine.start(id)
            #expect(try await engine.wait(id).code == 3)
            #expect(try String(decoding: AtomicFile.read(spec.consoleLog), as: UTF8.self).contains("stdout F deep"))
            try await engine.delete(id)
        }
    }

    /// create and start to the first output, against `runc run` of the same root.
    @Test func addsLittleToTheRuntime() async throws {
        try await Fixture.with(kind, "true") { fixture async throws in
            var fixture = fixture
            fixture.spec.sandbox.arguments = ["/bin/echo", "x"]
            let sandbox = RuncSandbox(
                runner: SystemCommandRunner(), stateFolder: fixture.folder.appending("r"),
                bundles: fixture.folder.appending("b"))
            var bare: [Double] = []
            var ours: [Double] = []
            for round in 0..<15 {
                var spec = fixture.spec.sandbox
                spec.root = try #require(await fixture.spec.image.layers().first)
                let first = Collected<ContinuousClock.Instant>()
                let start = ContinuousClock.now
                _ = try await sandbox.run(id: "\(fixture.id)-bare\(round)", spec) { _ in first.add(.now) }
                bare.append((try #require(first.all.first) - start).seconds)
                let begin = ContinuousClock.now
                try await fixture.startRunning()
                while try fixture.log().isEmpty { try await Task.sleep(for: .microseconds(200)) }
                ours.append((ContinuousClock.now - begin).seconds)
                try await fixture.engine.delete(fixture.id)
                try FileTree.remove(fixture.spec.consoleLog)
            }
            let (mine, other) = (ours.sorted()[7] * 1000, bare.sorted()[7] * 1000)
            print("create + start \(mine) ms, runc run \(other) ms, ratio \(mine / other)")
            // Generous, because other tests run beside it.
            #expect(mine / other < 4)
        }
    }
}
