import Glibc
import RucheCore
import RucheEngines
import RucheHost
import Support
import SystemPackage
import Testing

/// What a container may and may not do, whatever runs it.
@Suite(.serialized, .enabled(if: BusyboxRoot.isUsable && Tool.find("conmon") != nil))
struct EngineIsolation {
    @Test(arguments: EngineUnderTest.all) func hasNoNetworkByDefault(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "ip -o link | wc -l; ls /sys/class/net") { fixture async throws in
            #expect(try await fixture.runToEnd().code == 0)
            #expect(try fixture.output() == ["1", "lo"])
        }
    }

    @Test(arguments: EngineUnderTest.all) func refusesWritesToReadOnlyMounts(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "cat /in/f; touch /in/g; echo w >/out/h; touch /etc/x") { spec, folder in
            for name in ["in", "out"] { try FileTree.makeFolder(folder.appending(name)) }
            try BusyboxRoot.write("input\n", to: folder.appending("in/f"))
            spec.sandbox.readOnlyRoot = true
            spec.sandbox.mounts = [
                .init(source: folder.appending("in"), destination: "/in", readOnly: true),
                .init(source: folder.appending("out"), destination: "/out", readOnly: false),
            ]
        } _: { fixture async throws in
            #expect(try await fixture.runToEnd().code != 0)
            #expect(try fixture.output() == ["input"])
            #expect(try fixture.log().filter { $0.text.contains("Read-only file system") }.count == 2)
            #expect(!FileTree.exists(fixture.folder.appending("in/g")))
            #expect(try AtomicFile.read(fixture.folder.appending("out/h")) == Array("w\n".utf8))
        }
    }

    @Test(arguments: EngineUnderTest.all) func writesToItsOwnLayerOnly(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "echo mine >/etc/passwd; rm /etc/group; echo done") { fixture async throws in
            let layer = try #require(await fixture.spec.image.layers().first)
            let before = try AtomicFile.read(layer.appending("etc/passwd"))
            #expect(try await fixture.runToEnd().code == 0)
            if fixture.engine.capabilities.contains(.writableLayer) {
                let written = fixture.spec.writableLayer.appending("etc/passwd")
                #expect(try AtomicFile.read(written) == Array("mine\n".utf8))
            }
            #expect(try AtomicFile.read(layer.appending("etc/passwd")) == before)
            #expect(FileTree.exists(layer.appending("etc/group")))
        }
    }

    @Test(arguments: EngineUnderTest.all) func runsAsTheUserOfTheImage(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "id -u; id -g; id -G; touch /root/x || echo refused") { spec, _ in
            spec.user = "pipeline"
        } _: { fixture async throws in
            #expect(try await fixture.runToEnd().code == 0)
            #expect(try fixture.output() == ["1000", "1000", "1000 2000", "refused"])
        }
    }

    @Test(arguments: EngineUnderTest.all) func namesAUserTheImageLacks(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "true") { spec, _ in
            spec.user = "nobody-here"
        } _: { fixture async throws in
            let error = await #expect(throws: RucheError.self) { try await fixture.engine.create(fixture.spec) }
            #expect(error?.code == .invalidInput)
            #expect(error?.message.contains("nobody-here") == true)
            #expect(try await fixture.engine.state(fixture.id) == .absent)
        }
    }

    @Test(arguments: EngineUnderTest.all) func hasNoCapabilityAndCanGainNone(kind: EngineUnderTest) async throws {
        let script = "/bin/busybox grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status"
        try await Fixture.with(kind, script) { fixture async throws in
            #expect(try await fixture.runToEnd().code == 0)
            let none = "0000000000000000"
            #expect(
                try Set(fixture.output()) == ["CapEff:\t\(none)", "CapBnd:\t\(none)", "NoNewPrivs:\t1", "Seccomp:\t2"])
        }
    }

    @Test(arguments: EngineUnderTest.all) func seesOnlyItsOwnProcesses(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "ps -o pid,comm; hostname") { spec, _ in
            spec.sandbox.hostname = "bee"
        } _: { fixture async throws in
            #expect(try await fixture.runToEnd().code == 0)
            // An engine may keep one process of its own.
            #expect(try fixture.output().count <= 5)
            #expect(try fixture.output().last == "bee")
        }
    }

    @Test(arguments: EngineUnderTest.all) func limitsTheCPU(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "while true; do :; done") { spec, _ in
            spec.sandbox.limits.cpus = 0.2
        } _: { fixture async throws in
            try await fixture.startRunning()
            let outer = ContinuousClock.now
            let first = try await fixture.engine.stats(fixture.id)
            let inner = ContinuousClock.now
            // Time itself is what is measured here.
            try await Task.sleep(for: .seconds(1))
            let least = (ContinuousClock.now - inner).seconds
            let second = try await fixture.engine.stats(fixture.id)
            let most = (ContinuousClock.now - outer).seconds
            // The engine read the two figures at some moments within the two calls.
            let used = Double(second.cpuNanoseconds - first.cpuNanoseconds) / 1e9
            #expect(used > 0.02 * least)
            #expect(used < 0.35 * most)
        }
    }

    @Test(arguments: EngineUnderTest.all) func endsAFileThatOutgrowsTheDiskLimit(kind: EngineUnderTest) async throws {
        try await Fixture.with(kind, "exec dd if=/dev/zero of=/tmp/big bs=1M count=64") { spec, _ in
            spec.sandbox.limits.disk = ByteCount(4 << 20)
        } _: { fixture async throws in
            let exit = try await fixture.runToEnd()
            #expect(exit.code != 0)
            #expect(try fixture.log().contains { $0.text.contains("File too large") })
        }
    }

    @Test(
        arguments: EngineUnderTest.all,
        [
            "no program", "relative path", "no memory", "missing program",
        ])
    func leavesNothingOfASpecThatCannotRun(kind: EngineUnderTest, fault: String) async throws {
        try await Fixture.with(kind, "true") { spec, _ in
            switch fault {
            case "no program": spec.sandbox.arguments = []
            case "relative path": spec.sandbox.workingDirectory = "tmp"
            case "no memory": spec.sandbox.limits.memory = ByteCount(0)
            default: spec.sandbox.arguments = ["/missing-program"]
            }
        } _: { fixture async throws in
            let error = await #expect(throws: RucheError.self) { try await fixture.engine.launch(fixture.spec) {} }
            if fault == "missing program" { #expect(error?.message.contains("/missing-program") == true) }
            let left = try await fixture.engine.list()
            #expect(left == [])
        }
    }
}
