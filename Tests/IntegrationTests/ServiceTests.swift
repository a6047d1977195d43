import Glibc
import RucheCore
import RucheHost
import RucheWire
import Support
import SystemPackage
import Testing

/// Releases without a disk, started as services by each engine that runs containers, by the commands.
@Suite(.enabled(if: Tool.find(Tool.slirp.name) != nil), .serialized) struct ServiceTests {
    private static let engines = ["oci-runtime"] + EngineDaemon.all.map(\.kind.rawValue)

    /// Counts its starts, and shows the count at port 80.
    private static let serving = """
        echo start >>/pipeline/outputs/starts
        echo "serving, start $(wc -l </pipeline/outputs/starts)"
        httpd -f -p 80 -h /pipeline/outputs &
        wait $!
        """

    private static func recipe(health: String? = "/starts") -> String {
        """
          limits: {memory: 64M}
        service:
          commands: {www: /pipeline/job/run.sh}
          ports: [80]
        \(health.map { "  health: {http: \($0), port: 80}\n" } ?? "")\
        machine: {memory: 64M}
        """
    }

    /// Runs `body` where the engine is known, with its own network if it is a daemon's.
    private func with(_ engine: String, _ body: (RucheFixture) async throws -> Void) async throws {
        try await RucheFixture.with { fixture in
            if let daemon = EngineDaemon.all.first(where: { $0.kind.rawValue == engine }) {
                try fixture.write(
                    ".config/ruche/config.yaml",
                    """
                    engines:
                      - kind: \(engine)
                        socket: \(try await daemon.socket())
                    \(daemon.kind == .lxd ? "" : "    network: \(try await daemon.network())")

                    """)
            }
            try await body(fixture)
        }
    }

    private func build(
        _ fixture: RucheFixture, _ script: String = serving, health: String? = "/starts"
    ) async throws -> String {
        try await fixture.buildBusybox(
            name: "test/www", job: script, extra: Self.recipe(health: health))
    }

    /// Nothing of an instance is left, in the engine, on the disk or among the processes.
    private func expectNothingLeft(_ engine: String, _ fixture: RucheFixture) async throws {
        #expect(try isMissingOrEmpty(fixture.data.appending("instances")))
        #expect(try isMissingOrEmpty(fixture.data.appending("run/oci/containers")))
        let mounts = try String(decoding: AtomicFile.read("/proc/self/mounts"), as: UTF8.self)
        #expect(!mounts.contains(fixture.data.string))
        #expect(try fixture.helpers().isEmpty)
        guard let daemon = EngineDaemon.all.first(where: { $0.kind.rawValue == engine }) else { return }
        let connection = try EngineConnection(engine: engine, address: .unix(try await daemon.socket()))
        if daemon.kind == .lxd {
            let answer = try await connection.send(EngineRequest("GET", "/1.0/instances"))
            return #expect(String(decoding: answer.body, as: UTF8.self).contains("\"metadata\":[]"))
        }
        let answer = try await connection.send(EngineRequest("GET", "/containers/json", query: [("all", "true")]))
        #expect(String(decoding: answer.body, as: UTF8.self).filter { !$0.isWhitespace } == "[]")
        let images = try await connection.send(EngineRequest("GET", "/images/json"))
        #expect(!String(decoding: images.body, as: UTF8.self).contains("test/www"), "no tag is ours")
    }

    @Test(arguments: engines) func aServiceIsStartedUsedAndDestroyed(engine: String) async throws {
        try await with(engine) { fixture in
            let release = try await build(fixture)
            let port = try #require(LocalPort.free())
            let shared = try fixture.write("shared/note", "hello\n").removingLastComponent()
            // LXD shares only where its kernel can show folders under other owners.
            let share = engine == "lxd" ? [] : ["--share", "\(shared):/pipeline/outputs/shared"]
            let words = ["up", release, "--engine", engine, "--name", "one", "--publish", "\(port):80", "--json"]
            let up = try await fixture.runner.run(fixture.command(words + share), onLine: nil)
            #expect(up.status.isSuccess, "\(up)")
            let ready = try JSONText.whole(InstanceDocument.self, up.output)
            #expect(ready.state == .ready && ready.engine == engine && ready.memory == ByteCount(64 << 20))
            #expect(ready.stages.map(\.kind) == [.console, .health] && ready.url == "http://127.0.0.1:\(port)/")
            #expect(try await fixture.fetch(port) == "start\n")
            if !share.isEmpty { #expect(try await fixture.fetch(port, "/shared/note") == "hello\n") }
            if engine == "oci-runtime" {
                let list = try await fixture.ruche("instance", "list").output
                #expect(list.contains("one") && list.contains(engine) && list.contains("\(port)->80"))
            }
            #expect(try await fixture.ruche("instance", "logs", "one").output == "serving, start 1\n")
            let inside = try await fixture.ruche("instance", "ssh", "one", "--", "cat", "/pipeline/outputs/starts")
            #expect(inside.output == "start\n")
            try await fixture.ruche("instance", "ssh", "one", "--", "sh", "-c", "exit 42", code: 42)
            try await refusals(fixture, release, engine, port)
            try await fixture.ruche("instance", "stop", "one")
            #expect(try await fixture.fetch(port) == nil)
            try await fixture.ruche("instance", "start", "one")
            #expect(try await fixture.fetch(port) == "start\nstart\n", "what it wrote stays")
            let logs = try await fixture.ruche("instance", "logs", "--tail", "1", "one").output
            #expect(logs == "serving, start 2\n")
            try await fixture.ruche("instance", "destroy", "one")
            #expect(try await fixture.fetch(port) == nil)
            try await expectNothingLeft(engine, fixture)
        }
    }

    /// What a container can't do, and what somebody has, is refused; it goes on.
    private func refusals(_ fixture: RucheFixture, _ release: String, _ engine: String, _ port: Int) async throws {
        // What the service itself refuses is the same for every engine.
        let all = engine == "oci-runtime"
        let words = [["snapshot", "one", "x"]] + (all ? [["console", "one"], ["restore", "one", "x"]] : [])
        for words in words {
            let refused = try await fixture.runner.run(fixture.command(["instance"] + words), onLine: nil)
            #expect(refused.status == .exited(2) && refused.errorTail.contains(engine), "\(words): \(refused)")
        }
        guard all else { return }
        let taken = try await fixture.ruche("up", release, "--engine", engine, "--publish", "\(port):80", code: 4)
        #expect(taken.errorTail.contains("\(port)"))
        try await fixture.ruche("up", release, "--engine", engine, "--name", "one", code: 4)
        try await fixture.ruche("up", release, "--engine", engine, "--user-data", "shared/note", code: 2)
        #expect(try await fixture.fetch(port) != nil)
    }

    @Test(arguments: engines.filter { $0 != "podman" }) func aKilledServerFindsItsServicesAgain(engine: String)
        async throws
    {
        try await with(engine) { fixture in
            let release = try await build(fixture)
            let port = try #require(LocalPort.free())
            let first = try await ServedProcess.start(fixture)
            try await fixture.ruche("up", release, "--engine", engine, "--name", "one", "--publish", "\(port):80")
            try await first.end(SIGKILL)
            #expect(try await fixture.fetch(port) == "start\n", "it goes on without the server")
            try await ServedProcess.with(fixture) { _ in
                let found = try await fixture.instance("one")
                #expect(found.state == .ready && found.starts == 1)
                #expect(try await fixture.fetch(port) == "start\n")
                // All but the first process, whose work is over then.
                _ = try await fixture.run("instance", "ssh", "one", "--", "kill", "-TERM", "-1")
                try await eventually(within: .seconds(60), "its end is seen") {
                    try await fixture.instance("one").state == .stopped
                }
                let reason = try await fixture.instance("one").reason
                #expect(reason?.contains("its command ended with exit code") == true, "\(reason ?? "")")
                try await fixture.ruche("instance", "destroy", "one")
            }
            try await expectNothingLeft(engine, fixture)
        }
    }

    @Test(arguments: engines.filter { !["podman", "lxd"].contains($0) })
    func aServiceThatIsNotWellFailsWithTheEndOfItsLog(engine: String) async throws {
        try await with(engine) { fixture in
            let sick = try await build(fixture, health: "/nowhere")
            let late = try await fixture.ruche(
                "up", sick, "--engine", engine, "--timeout", "20", "--name", "a", code: 13)
            #expect(late.errorTail.contains("serving, start 1") && late.errorTail.contains("health is missing"))
            let release = try await fixture.buildBusybox(
                name: "test/www", version: "2.0.0", job: "echo no database >&2; exit 3", extra: Self.recipe())
            let dead = try await fixture.ruche("up", release, "--engine", engine, "--name", "b", code: 7)
            #expect(dead.errorTail.contains("no database") && dead.errorTail.contains("exit code 3"), "\(dead)")
            #expect(try fixture.helpers().isEmpty, "nothing runs on")
            try await fixture.ruche("instance", "destroy", "a", "b")
            try await expectNothingLeft(engine, fixture)
        }
    }

    @Test func theLeaseOfAServiceStopsIt() async throws {
        try await with("oci-runtime") { fixture in
            let release = try await build(fixture)
            try await ServedProcess.with(fixture) { _ in
                let up = try await fixture.ruche("up", release, "--name", "one", "--for", "15s", "--json")
                let found = try JSONText.whole(InstanceDocument.self, up.output)
                #expect(found.engine == "oci-runtime", "the first one that is ready is taken")
                try await eventually(within: .seconds(60), "the lease ends") {
                    try await fixture.instance("one").state == .stopped
                }
                #expect(try await fixture.instance("one").reason == "its lease ended")
            }
            let engines = try await fixture.ruche("engine", "list").output
            #expect(engines.contains("services") && engines.contains("container"), "\(engines)")
            try await fixture.ruche("instance", "destroy", "one")
            try await expectNothingLeft("oci-runtime", fixture)
        }
    }

    @Test func aServerKilledWhileItStartsOneLeavesNoHalf() async throws {
        try await with("oci-runtime") { fixture in
            let release = try await build(fixture)
            for delay in [50, 120, 200, 400] {
                let served = try await ServedProcess.start(fixture)
                async let up = fixture.run("up", release, "--detach")
                try await Task.sleep(for: .milliseconds(delay))
                try await served.end(SIGKILL)
                _ = try await up
                let list = try await fixture.ruche("instance", "list", "--json").output
                for instance in try JSONText.whole([InstanceDocument].self, list) {
                    #expect([.starting, .ready, .failed].contains(instance.state), "after \(delay) ms: \(instance)")
                    try await fixture.ruche("instance", "destroy", instance.id.description)
                }
                try await expectNothingLeft("oci-runtime", fixture)
            }
        }
    }

    @Test func theImageOfARemovedReleaseStaysWhileItIsUsed() async throws {
        try await with("oci-runtime") { fixture in
            let release = try await build(fixture)
            try await fixture.ruche("up", release, "--name", "one")
            try await fixture.ruche("release", "rm", release)
            try await fixture.ruche("gc")
            try await fixture.ruche("instance", "stop", "one")
            try FileTree.remove(fixture.data.appending("cache/layers"))
            try await fixture.ruche("instance", "start", "one")
            try await fixture.ruche("instance", "destroy", "one")
            try await fixture.ruche("gc")
            #expect(try isMissingOrEmpty(fixture.data.appending("content/blobs/sha256")))
        }
    }
}

extension RucheFixture {
    /// What a port of this machine answers; nil when nothing does.
    fileprivate func fetch(_ port: Int, _ path: String = "/starts") async throws -> String? {
        let result = try await runner.run(
            Command("curl", ["-sSf", "--max-time", "30", "http://127.0.0.1:\(port)\(path)"]),
            onLine: nil)
        return result.status.isSuccess ? result.output : nil
    }

    /// The processes that make networks of this data directory's containers.
    fileprivate func helpers() throws -> [ProcessIdentity] {
        try FileTree.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
            (try? FileTree.linkTarget(FilePath("/proc/\(pid)/cwd")))?.hasPrefix(data.string) == true
        }.compactMap { ProcessIdentity(of: $0) }
    }
}
