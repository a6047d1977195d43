import Glibc
import RucheCore
import RucheEngines
import RucheHost
import Support
import SystemPackage
import Testing

/// What holds when this process, its supervisor or the machine goes.
@Suite(.serialized, .enabled(if: BusyboxRoot.isUsable && Tool.find("conmon") != nil))
struct EngineRecovery {
    @Test(arguments: EngineUnderTest.all) func anotherProcessGoesOn(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "echo up; while [ ! -e /shared/go ]; do sleep 0.01; done; exit 6") {
            spec, folder in
            try FileTree.makeFolder(folder.appending("shared"))
            spec.sandbox.mounts = [
                .init(source: folder.appending("shared"), destination: "/shared", readOnly: true)
            ]
        } _: { fixture async throws in
            try await fixture.startRunning()
            #expect(try await fixture.logged("up"))
            let second = try await fixture.restarted()
            #expect(try await second.list() == [fixture.id])
            #expect(try await second.state(fixture.id) == .running)
            #expect(try await second.stats(fixture.id).processes > 0)
            try await second.pause(fixture.id)
            #expect(try await fixture.engine.state(fixture.id) == .paused)
            try await second.resume(fixture.id)
            let waiting = Task { try await second.wait(fixture.id) }
            try BusyboxRoot.write("", to: fixture.folder.appending("shared/go"))
            #expect(try await waiting.value == ContainerExit(code: 6))
            #expect(try await fixture.restarted().wait(fixture.id) == ContainerExit(code: 6))
        }
    }

    @Test(arguments: EngineUnderTest.all) func anotherProcessStartsWhatWasMade(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "exit 8") { fixture async throws in
            try await fixture.engine.create(fixture.spec)
            let second = try await fixture.restarted()
            #expect(try await second.state(fixture.id) == .created)
            try await second.start(fixture.id)
            #expect(try await second.wait(fixture.id) == ContainerExit(code: 8))
        }
    }

    @Test(arguments: EngineUnderTest.all) func deletesWhatRunsAndTellsWhoWaits(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "trap '' TERM; echo up; (setsid sleep 600 &); while true; do sleep 1; done") {
            fixture async throws in
            try await fixture.startRunning()
            #expect(try await fixture.logged("up"))
            let id = fixture.id
            let engine = fixture.engine
            let waiting = Task { try await engine.wait(id) }
            try await engine.delete(id)
            #expect(try await waiting.value.code == 137)
        }
    }

    @Test(arguments: EngineUnderTest.all, [false, true]) func deletesWithoutStart(kind: EngineUnderTest, paused: Bool)
        async throws
    {
        try await Fixture.with(kind, "echo up; sleep 600") { fixture async throws in
            try await fixture.engine.create(fixture.spec)
            if paused {
                try await fixture.engine.start(fixture.id)
                #expect(try await fixture.logged("up"))
                try await fixture.engine.pause(fixture.id)
            }
            try await fixture.engine.delete(fixture.id)
            #expect(try await fixture.engine.list() == [])
        }
    }

    @Test(arguments: EngineUnderTest.all) func refusesASecondContainerOfThatName(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "echo up; sleep 600") { fixture async throws in
            try await fixture.startRunning()
            let error = await #expect(throws: RucheError.self) { try await fixture.engine.create(fixture.spec) }
            #expect(error?.code == .conflict)
            #expect(try await fixture.engine.state(fixture.id) == .running)
        }
    }

    @Test(arguments: EngineUnderTest.all) func knowsNoStrangers(kind: EngineUnderTest) async throws {
        try await Scratch.with { folder in
            let engine = try await kind.make(folder)
            #expect(try await engine.state("stranger") == .absent)
            #expect(try await engine.list() == [])
            try await engine.delete("stranger")
            let calls: [@Sendable () async throws -> Void] = [
                { try await engine.start("stranger") }, { _ = try await engine.wait("stranger") },
                { try await engine.pause("stranger") }, { try await engine.resume("stranger") },
                { try await engine.signal("stranger", SIGTERM) }, { _ = try await engine.stats("stranger") },
            ]
            for call in calls {
                let error = await #expect(throws: RucheError.self) { try await call() }
                #expect(error?.code == .notFound)
            }
            let error = await #expect(throws: RucheError.self) { try await engine.delete("../../etc") }
            #expect(error?.code == .invalidInput)
        }
    }

    /// What ends and goes between two looks is told as that.
    @Test(.timeLimit(.minutes(5)), arguments: EngineUnderTest.all) func canBeAskedAboutOneThatIsBeingRemoved(
        kind: EngineUnderTest
    ) async throws {
        try await Fixture.with(kind, "sleep 600") { fixture async throws in
            try await fixture.startRunning()
            let (engine, id) = (fixture.engine, fixture.id)
            async let removal: Void = engine.delete(id)
            while try await engine.state(id) != .absent {
                do {
                    _ = try await engine.stats(id)
                    try await engine.signal(id, SIGUSR1)
                } catch let error as RucheError where error.code == .notFound {
                    // It has gone since the look.
                }
            }
            try await removal
        }
    }

    @Test(arguments: EngineUnderTest.all) func runsSeveralAtATime(kind: EngineUnderTest) async throws {
        try await Scratch.with { folder in
            let layer = folder.appending("layer")
            try BusyboxRoot.make(at: layer)
            let engine = try await kind.make(folder.appending("data"))
            let name = (folder.lastComponent?.string ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
            let codes = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        let sandbox = SandboxSpec(root: "/", arguments: ["/bin/sh", "-c", "exit \(number)"])
                        let spec = ContainerSpec(
                            id: "\(name)-\(number)", image: FolderImage(layer), scratch: folder.appending("s\(number)"),
                            sandbox: sandbox)
                        try await engine.create(spec)
                        try await engine.start(spec.id)
                        let exit = try await engine.wait(spec.id)
                        try await engine.delete(spec.id)
                        return exit.code
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.sorted() == Array(0..<12))
            #expect(try OverlayMount.mounted(under: folder) == [])
        }
    }
}
