import Glibc
import RucheCore
import RucheEngines
import RucheHost
import Support
import SystemPackage
import Testing

/// Containers that serve, by every engine that runs such.
@Suite(.serialized, .enabled(if: BusyboxRoot.isUsable && Tool.find("conmon") != nil && Tool.find("slirp4netns") != nil))
struct EngineServices {
    private static let all = EngineUnderTest.serving

    /// Serves what it wrote at port 80, though it is no root.
    private static let serving = """
        echo x >>/srv/starts; echo up
        exec /bin/busybox httpd -f -p 80 -h /srv
        """

    private func serving(
        _ kind: EngineUnderTest, _ script: String = serving, besides own: Int = 0,
        _ body: (Fixture, PortPublication) async throws -> Void
    ) async throws {
        let port = PortPublication(host: try #require(LocalPort.free(besides: own)), guest: 80)
        try await Fixture.with(kind, script) { spec, folder in
            try FileTree.makeFolder(folder.appending("layer/srv"))
            try FileTree.setMode(folder.appending("layer/srv"), 0o777)
            (spec.sandbox.uid, spec.sandbox.gid) = (1000, 1000)
            spec.ports = [port]
        } _: { fixture async throws in
            try await body(fixture, port)
        }
    }

    /// What a port of this machine answers; nil when nothing does.
    private func fetch(_ port: Int, _ path: String = "/starts") async throws -> String? {
        let result = try await SystemCommandRunner().run(
            Command("curl", ["-sSf", "--max-time", "5", "http://127.0.0.1:\(port)\(path)"]),
            onLine: nil)
        return result.status.isSuccess ? result.output : nil
    }

    /// Somebody of this machine who serves a folder on its loopback interface.
    private func listening(_ port: Int, _ folder: FilePath) throws -> WatchedScript {
        try WatchedScript(
            "busybox httpd -f -p 127.0.0.1:$1 -h $2 & cat >/dev/null; kill $!; wait $!", ["\(port)", folder.string],
            log: folder.appending("httpd"))
    }

    @Test(arguments: all) func isReadyForServices(kind: EngineUnderTest) async throws {
        try await Scratch.with { folder in
            let engine = try await kind.make(folder)
            #expect(await engine.serviceFindings() == [])
            #expect(try #require(ContainerInstanceEngine(engine)).capabilities == [.container, .share, .publish])
        }
    }

    @Test(arguments: all) func servesKeepsWhatItWroteAndServesAgain(kind: EngineUnderTest) async throws {
        try await serving(kind) { fixture, port in
            let (engine, id) = (fixture.engine, fixture.id)
            for start in 1...2 {
                try await engine.serve(fixture.spec)
                try await engine.serve(fixture.spec)
                let wanted = String(repeating: "x\n", count: start)
                #expect(try await eventually { try await fetch(port.host) == wanted })
                #expect(try await engine.state(id) == .running)
                #expect(try await eventually { try fixture.output() == Array(repeating: "up", count: start) })
                try await engine.halt(id)
                try await engine.halt(id)
                #expect(try await engine.state(id) != .running)
                #expect(try await fetch(port.host) == nil && LocalPort.obstacle(port.address, port.host) == nil)
            }
            // Another process goes on where this one stopped.
            let restarted = try await fixture.restarted()
            try await restarted.serve(fixture.spec)
            #expect(try await eventually { try await fetch(port.host) == "x\nx\nx\n" })
            try await restarted.delete(id)
            try await restarted.serve(fixture.spec)
            #expect(try await eventually { try await fetch(port.host) == "x\n" }, "nothing is left of it")
        }
    }

    @Test(arguments: all) func thePortsOfOneThatEndedByItselfAreFreeAfterItsHalt(kind: EngineUnderTest) async throws {
        try await serving(kind) { fixture, port in
            let (engine, id) = (fixture.engine, fixture.id)
            for start in 1...5 {
                try await engine.serve(fixture.spec)
                let wanted = String(repeating: "x\n", count: start)
                #expect(try await eventually { try await fetch(port.host) == wanted })
                try await engine.signal(id, SIGTERM)
                _ = try await engine.wait(id)
                try await engine.halt(id)
                #expect(LocalPort.obstacle(port.address, port.host) == nil)
            }
            try await engine.serve(fixture.spec)
        }
    }

    @Test(arguments: all) func aPortThatSomebodyHasIsNamedAndNothingIsLost(kind: EngineUnderTest) async throws {
        try await serving(kind) { fixture, port in
            let (engine, id) = (fixture.engine, fixture.id)
            try await engine.serve(fixture.spec)
            #expect(try await eventually { try await fetch(port.host) == "x\n" })
            try await engine.halt(id)
            let other = try listening(port.host, fixture.folder)
            #expect(try await eventually { LocalPort.obstacle(port.address, port.host) != nil })
            let error = await #expect(throws: RucheError.self) { try await engine.serve(fixture.spec) }
            #expect(error?.code == .inUse && error?.details["port"] == "\(port.host)", "\(String(describing: error))")
            #expect(try await engine.state(id) != .running)
            try await other.end()
            try await engine.serve(fixture.spec)
            #expect(try await eventually { try await fetch(port.host) == "x\nx\n" })
        }
    }

    @Test(arguments: all) func hasANetworkOfItsOwnAndNoPower(kind: EngineUnderTest) async throws {
        let script = """
            /bin/busybox grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status >/srv/status
            ls /sys/class/net >/srv/net; hostname >/srv/name; cat /etc/hosts >/srv/hosts
            exec /bin/busybox httpd -f -p 80 -h /srv
            """
        try await serving(kind, script) { fixture, port in
            var spec = fixture.spec
            spec.sandbox.hostname = "bee"
            try await fixture.engine.serve(spec)
            #expect(try await eventually { try await fetch(port.host, "/hosts") != nil })
            let none = "0000000000000000"
            let status = try #require(try await fetch(port.host, "/status"))
            #expect(status == "CapEff:\t\(none)\nCapBnd:\t\(none)\nNoNewPrivs:\t1\nSeccomp:\t2\n", "\(status)")
            let cards = try #require(try await fetch(port.host, "/net")).split(separator: "\n").map(String.init)
            // LXD reaches ports from inside; the tests' own has no network to give.
            #expect(cards.contains("lo") && cards.count == (kind.testDescription == "lxd" ? 1 : 2), "\(cards)")
            #expect(try await fetch(port.host, "/name") == "bee\n")
            #expect(try await fetch(port.host, "/hosts")?.contains("bee") == true)
        }
    }

    /// What listens on this machine's loopback interface alone is not for containers.
    @Test(arguments: all) func doesNotReachThisMachinesLoopback(kind: EngineUnderTest) async throws {
        let own = try #require(LocalPort.free())
        let script = #"""
            cd /srv
            /bin/busybox httpd -f -p 80 -h /srv &
            ask() { printf 'GET %s HTTP/1.0\r\n\r\n' "$3" | /bin/busybox nc -w 2 "$1" "$2" >answer && cat answer; }
            echo seen >own
            until ask 127.0.0.1 80 /own >control; do sleep 0.1; done
            gateway=$(ip route | /bin/busybox sed -n 's/default via \([^ ]*\).*/\1/p')
            for host in 127.0.0.1 10.0.2.2 $gateway; do ask "$host" PORT /secret >>found; done
            echo done >done
            wait
            """#.replacing("PORT", with: "\(own)")
        try await serving(kind, script, besides: own) { fixture, port in
            try BusyboxRoot.write("secret", to: fixture.folder.appending("secret"))
            let server = try listening(own, fixture.folder)
            #expect(try await eventually { try await fetch(own, "/secret") == "secret" })
            try await fixture.engine.serve(fixture.spec)
            #expect(try await eventually { try await fetch(port.host, "/done") != nil })
            #expect(try await fetch(port.host, "/control")?.contains("seen") == true, "it can ask at all")
            let found = try #require(try await fetch(port.host, "/found"))
            #expect(!found.contains("secret"), "\(found)")
            try await server.end()
        }
    }
}

extension EngineUnderTest {
    /// Those that run containers which serve, each with a network for them.
    static var serving: [EngineUnderTest] {
        all.compactMap { engine in
            switch engine.testDescription {
            case "oci-runtime": engine
            case "docker": service(.docker, hasNetwork: true)
            case "podman": service(.podman, hasNetwork: true)
            case "lxd": service(.lxd)
            default: nil
            }
        }
    }
}
