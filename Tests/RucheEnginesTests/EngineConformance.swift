import Glibc
import RucheCore
import RucheEngines
import RucheHost
import Support
import SystemPackage
import Testing

/// What every engine must do, whatever it drives.
@Suite(.serialized, .enabled(if: BusyboxRoot.isUsable && Tool.find("conmon") != nil))
struct EngineConformance {
    @Test(arguments: EngineUnderTest.all) func isReadyHere(kind: EngineUnderTest) async throws {
        try await Scratch.with { folder in
            let engine = try await kind.make(folder)
            #expect(await engine.check() == [])
        }
    }

    @Test(arguments: EngineUnderTest.all, [0, 1, 42, 255]) func tellsTheExitCode(kind: EngineUnderTest, code: Int)
        async throws
    {
        try await Fixture.with(kind, "exit \(code)") { fixture async throws in
            #expect(try await fixture.runToEnd() == ContainerExit(code: code))
            #expect(try await fixture.engine.state(fixture.id) == .exited(ContainerExit(code: code)))
            #expect(try await fixture.engine.wait(fixture.id) == ContainerExit(code: code))
        }
    }

    @Test(arguments: EngineUnderTest.all) func goesThroughItsStates(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "echo up; sleep 600") { fixture async throws in
            let engine = fixture.engine
            #expect(try await engine.state(fixture.id) == .absent)
            try await engine.create(fixture.spec)
            #expect(try await engine.state(fixture.id) == .created)
            #expect(try await engine.list() == [fixture.id])
            try await engine.start(fixture.id)
            try await engine.start(fixture.id)
            #expect(try await fixture.logged("up"))
            #expect(try await engine.state(fixture.id) == .running)
        }
    }

    @Test(arguments: EngineUnderTest.all) func launchesWhenItIsPermitted(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "echo up; sleep 600") { fixture async throws in
            let logged = Collected<Int>()
            try await fixture.engine.launch(fixture.spec) { logged.add(try fixture.log().count) }
            #expect(logged.all == [0])
            #expect(try await fixture.engine.state(fixture.id) == .running)
            #expect(try await fixture.logged("up"))
        }
    }

    @Test(arguments: EngineUnderTest.all) func leavesNothingOfALaunchThatIsNotPermitted(kind: EngineUnderTest)
        async throws
    {
        try await Fixture.with(kind, "echo up") { fixture async throws in
            let error = await #expect(throws: RucheError.self) {
                try await fixture.engine.launch(fixture.spec) { throw RucheError(.diskFull, "not recorded") }
            }
            #expect(error?.code == .diskFull)
            #expect(try await fixture.engine.list() == [])
            #expect(try fixture.log().isEmpty)
        }
    }

    /// A container may end before the engine has seen that it was made.
    @Test(arguments: EngineUnderTest.all) func tellsTheExitCodeOfWhatEndsAtOnce(kind: EngineUnderTest) async throws {
        for code in 0..<25 {
            try await Fixture.with(kind, "exit \(code)") { fixture async throws in
                try await fixture.engine.launch(fixture.spec) {}
                #expect(try await fixture.engine.wait(fixture.id) == ContainerExit(code: code))
            }
        }
    }

    @Test(arguments: EngineUnderTest.all) func endsByASignal(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "trap 'exit 5' TERM; echo up; while true; do sleep 0.01; done") {
            fixture async throws in
            try await fixture.startRunning()
            #expect(try await fixture.logged("up"))
            try await fixture.engine.signal(fixture.id, SIGTERM)
            #expect(try await fixture.engine.wait(fixture.id) == ContainerExit(code: 5))
            try await fixture.engine.signal(fixture.id, SIGTERM)
        }
    }

    @Test(arguments: EngineUnderTest.all) func killsWhatIgnoresTerm(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "trap '' TERM; echo up; while true; do sleep 0.01; done") { fixture async throws in
            try await fixture.startRunning()
            #expect(try await fixture.logged("up"))
            try await fixture.engine.signal(fixture.id, SIGTERM)
            #expect(try await fixture.engine.state(fixture.id) == .running)
            try await fixture.engine.signal(fixture.id, SIGKILL)
            #expect(try await fixture.engine.wait(fixture.id) == ContainerExit(code: 137))
        }
    }

    @Test(arguments: EngineUnderTest.all) func tellsOutOfMemory(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "x=$(yes | /bin/busybox head -c 200000000); echo never") { spec, _ in
            spec.sandbox.limits.memory = ByteCount(32 << 20)
        } _: { fixture async throws in
            let exit = try await fixture.runToEnd()
            let tells = fixture.engine.capabilities.contains(.outOfMemory)
            #expect(exit == ContainerExit(code: 137, outOfMemory: tells))
            #expect(try fixture.output() == [])
            #expect(try await fixture.restarted().state(fixture.id) == .exited(exit))
        }
    }

    /// What fills memory may be in no process: here they are small, each of them smaller than a shell.
    @Test(arguments: EngineUnderTest.all) func tellsOutOfMemoryOfSmallProcesses(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "busybox dd if=/dev/zero of=/memory/full bs=64k count=1000") { spec, _ in
            spec.sandbox.uid = 1000
            spec.sandbox.gid = 1000
            spec.sandbox.limits.memory = ByteCount(24 << 20)
            spec.sandbox.temporaries["/memory"] = ByteCount(1 << 30)
        } _: { fixture async throws in
            let exit = try await fixture.runToEnd()
            let tells = fixture.engine.capabilities.contains(.outOfMemory)
            #expect(exit == ContainerExit(code: 137, outOfMemory: tells))
        }
    }

    @Test(arguments: EngineUnderTest.all) func endsAtTheTimeLimit(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "trap '' TERM; (setsid sleep 600 &); while true; do sleep 1; done") { spec, _ in
            spec.sandbox.limits.time = 1
        } _: { fixture async throws in
            try await fixture.startRunning()
            let start = ContinuousClock.now
            #expect(try await fixture.engine.wait(fixture.id) == ContainerExit(code: 137, timedOut: true))
            #expect(ContinuousClock.now - start < .seconds(60), "not when the daemon ends")
        }
    }

    @Test(arguments: EngineUnderTest.all) func countsPausesInTheTimeLimit(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "echo up; sleep 600") { spec, _ in
            spec.sandbox.limits.time = 10
        } _: { fixture async throws in
            try await fixture.startRunning()
            #expect(try await fixture.logged("up"))
            try await fixture.engine.pause(fixture.id)
            #expect(try await fixture.engine.wait(fixture.id).timedOut)
        }
    }

    @Test(arguments: EngineUnderTest.all) func stopsTheClockOfAPausedContainer(kind: EngineUnderTest) async throws {
        let script = "i=0; while true; do i=$((i+1)); echo $i; /bin/busybox usleep 5000; done"
        try await Fixture.with(kind, script) { fixture async throws in
            let engine = fixture.engine
            try await fixture.startRunning()
            #expect(try await fixture.logged("3"))
            try await engine.pause(fixture.id)
            try await engine.pause(fixture.id)
            #expect(try await engine.state(fixture.id) == .paused)
            // conmon may still be writing what came before the pause.
            var before = -1
            #expect(
                try await eventually {
                    let now = try fixture.output().count
                    defer { before = now }
                    try await Task.sleep(for: .milliseconds(60))
                    return now == before
                })
            let used = try await engine.stats(fixture.id).cpuNanoseconds
            try await engine.resume(fixture.id)
            try await engine.resume(fixture.id)
            #expect(try await engine.state(fixture.id) == .running)
            #expect(try await eventually { try fixture.output().count > before + 2 })
            #expect(try await eventually { try await engine.stats(fixture.id).cpuNanoseconds > used })
        }
    }

    @Test(arguments: EngineUnderTest.all) func measuresInNanosecondsAndBytes(kind: EngineUnderTest) async throws {
        let script = """
            x=$(yes | /bin/busybox head -c 30000000); i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done
            echo up; sleep 600; echo $x
            """
        try await Fixture.with(kind, script) { spec, _ in
            spec.sandbox.limits.memory = ByteCount(512 << 20)
        } _: { fixture async throws in
            let start = ContinuousClock.now
            try await fixture.startRunning()
            #expect(try await fixture.logged("up"))
            let wall = UInt64((ContinuousClock.now - start).seconds * 1e9)
            let stats = try await fixture.engine.stats(fixture.id)
            #expect(stats.cpuNanoseconds > 20_000_000)
            #expect(stats.cpuNanoseconds < wall * 2)
            #expect(stats.memoryBytes > 25 << 20)
            #expect(stats.memoryBytes < 512 << 20)
            #expect(stats.memoryPeakBytes >= stats.memoryBytes)
            #expect(stats.memoryLimitBytes == 512 << 20)
            // The line comes before the shell starts the sleep.
            #expect(try await eventually { try await fixture.engine.stats(fixture.id).processes == 2 })
        }
    }

    @Test(arguments: EngineUnderTest.all) func hasFiguresOfAContainerThatEnded(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "exit 3") { fixture async throws in
            try await fixture.startRunning()
            _ = try await fixture.engine.wait(fixture.id)
            #expect(try await fixture.engine.stats(fixture.id).processes == 0)
        }
    }

    @Test(arguments: EngineUnderTest.all) func logsBothStreamsLive(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "echo out; echo err >&2; printf part; sleep 600") { fixture async throws in
            try await fixture.startRunning()
            // What reads the two streams takes them in any order.
            #expect(try await fixture.logged("out"))
            #expect(try await fixture.logged("err"))
            let isLive = fixture.engine.capabilities.contains(.unfinishedLines)
            if isLive { #expect(try await fixture.logged("part")) }
            let log = try fixture.log()
            #expect(log.contains { $0.stream == "stdout" && $0.tag == "F" && $0.text == "out" })
            #expect(log.contains { $0.stream == "stderr" && $0.tag == "F" && $0.text == "err" })
            if isLive { #expect(log.contains { $0.stream == "stdout" && $0.tag == "P" && $0.text == "part" }) }
            let first = try String(decoding: AtomicFile.read(fixture.spec.consoleLog), as: UTF8.self)
            #expect(first.prefixMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}[+-]\d\d:\d\d /#) != nil)
        }
    }

    @Test(arguments: EngineUnderTest.all) func keepsItsLogAfterDelete(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "echo kept") { fixture async throws in
            _ = try await fixture.runToEnd()
            try await fixture.engine.delete(fixture.id)
            #expect(try fixture.output() == ["kept"])
        }
    }

    @Test(arguments: EngineUnderTest.all) func boundsAFloodedLog(kind: EngineUnderTest) async throws {
        let script = "echo first; /bin/busybox yes some long line of text | /bin/busybox head -c 20000000; exit 3"
        try await Fixture.with(kind, script) { fixture async throws in
            #expect(try await fixture.runToEnd() == ContainerExit(code: 3))
            let size = try AtomicFile.read(fixture.spec.consoleLog).count
            #expect(size > 500_000)
            #expect(size < 2 << 20)
            #expect(try fixture.output().first == "first")
        }
    }

    @Test(arguments: EngineUnderTest.all) func survivesAClosedOutput(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "exec >&- 2>&-; sleep 0.2; exit 9") { fixture async throws in
            #expect(try await fixture.runToEnd() == ContainerExit(code: 9))
        }
    }

    @Test(arguments: EngineUnderTest.all) func endsDaemonsWithTheFirstProcess(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "(setsid sleep 600 >/dev/null 2>&1 &); (setsid sleep 600 &); exit 4") {
            fixture async throws in
            try await fixture.startRunning()
            let start = ContinuousClock.now
            #expect(try await fixture.engine.wait(fixture.id) == ContainerExit(code: 4))
            #expect(ContinuousClock.now - start < .seconds(60), "not when the daemons end")
            #expect(try ControlGroup(container: fixture.id).processes() == [])
        }
    }

    @Test(arguments: EngineUnderTest.all) func containsAForkBomb(kind: EngineUnderTest) async throws {
        // The first process needs no fork of its own, so that it outlives the bomb.
        try await Fixture.with(kind, "b() { b | b & }; b & exec sleep 600") { spec, _ in
            spec.sandbox.limits.processes = 64
        } _: { fixture async throws in
            try await fixture.startRunning()
            #expect(try await fixture.logged("fork"))
            #expect(try await fixture.engine.stats(fixture.id).processes <= 64)
            try await fixture.engine.delete(fixture.id)
        }
    }
}
