import Glibc
import RucheCore
import RucheHost
import RucheWire
import Support
import SystemPackage
import Testing

/// Jobs in the containers of a daemon that the configuration file names.
@Suite(.serialized) struct DaemonJobTests {
    private static let daemons = EngineDaemon.all

    private static let counting = """
        for i in 1 2 3 4 5 6 7 8; do
            echo "line $i"
            echo $i > /pipeline/outputs/$i
            sleep 0.5
        done
        """

    private static let posting = """
        lib=/pipeline/job/lib
        $lib/ld-linux* --library-path $lib /pipeline/job/curl -sS -o /dev/null -w '%{http_code}\\n' \
            --unix-socket "$RUCHE_NOTIFY_SOCKET" -H "Authorization: Bearer $(cat "$RUCHE_TOKEN_FILE")" \
            -d '{"progress_value": 0.5, "progress_label": "half"}' "$NOTIFY_URL"
        id -u; ls /sys/class/net
        mkdir /pipeline/outputs/deep; echo made > /pipeline/outputs/deep/file
        """

    /// Runs `body` with a configuration that names the daemon; its name is that of its kind.
    private func with(_ daemon: EngineDaemon, _ body: (RucheFixture, EngineConnection) async throws -> Void)
        async throws
    {
        let socket = try await daemon.socket()
        try await RucheFixture.with { fixture in
            try fixture.write(
                ".config/ruche/config.yaml",
                "engines:\n  - {kind: \(daemon.kind.rawValue), socket: \(socket.string)}\n")
            try await body(fixture, EngineConnection(engine: daemon.kind.rawValue, address: .unix(socket)))
        }
    }

    private func expectNothingLeft(_ connection: EngineConnection) async throws {
        let isLXD = connection.engine == "lxd"
        let answer = try await connection.send(
            isLXD
                ? EngineRequest("GET", "/1.0/instances")
                : EngineRequest("GET", "/containers/json", query: [("all", "true")]))
        let text = String(decoding: answer.body, as: UTF8.self).filter { !$0.isWhitespace }
        #expect(isLXD ? text.contains("\"metadata\":[]") : text == "[]", "\(text)")
    }

    private func removeContainer(_ id: String, _ daemon: EngineDaemon, _ connection: EngineConnection) async throws {
        if daemon.kind == .lxd {
            _ = try await daemon.client("delete", "--force", "ruche-\(id)")
        } else {
            let removed = try await connection.send(
                EngineRequest("DELETE", "/containers/ruche-\(id)", query: [("force", "true")]))
            #expect(removed.isSuccess)
        }
    }

    @Test(arguments: daemons) func aJobReportsProgressAndItsOutputsAreTheServices(daemon: EngineDaemon) async throws {
        try await with(daemon) { fixture, connection in
            let recipe = try await fixture.busyboxRecipe(job: Self.posting)
            try await fixture.tool(
                "/bin/sh", "-c",
                """
                mkdir "$1/lib" && cp /usr/bin/curl "$1"
                ldd /usr/bin/curl | grep -o '/[^ ]*' | xargs -I % cp -L % "$1/lib"
                """, "sh", recipe.appending("job").string)
            try await fixture.ruche("build", recipe.string)
            let release = "test/tiny:1.0.0"
            let result = try await fixture.ruche("run", release, "--engine", daemon.kind.rawValue, "--json")
            let job = try JSONText.lastLine(JobDocument.self, result.output)
            #expect(job.state == .succeeded)
            #expect(job.engine == daemon.kind.rawValue)
            #expect(job.outputs.map(\.path) == ["deep/file"])
            let folder = fixture.data.appending("jobs/\(job.id)")
            let log = try String(decoding: AtomicFile.read(folder.appending("logs/out.log")), as: UTF8.self)
            #expect(log == "200\n65534\nlo\n")
            #expect(try await fixture.tool("find", folder.string, "-perm", "-0002", "!", "-type", "l") == "")
            let outputs = folder.appending("outputs").string
            #expect(try await fixture.tool("find", outputs, "!", "-user", "root") == "")
            #expect(try await fixture.kinds(of: job).contains("job.progressed"))
            try await expectNothingLeft(connection)
        }
    }

    @Test(arguments: daemons) func aCancelledJobEnds(daemon: EngineDaemon) async throws {
        try await with(daemon) { fixture, connection in
            let release = try await fixture.buildBusybox(job: "echo up > /pipeline/outputs/up; sleep 600")
            try await ServedProcess.with(fixture) { _ in
                let id = try await fixture.detached(release, daemon)
                try await eventually(within: .seconds(60), "the job runs") {
                    FileTree.exists(fixture.data.appending("jobs/\(id)/outputs/up"))
                }
                try await fixture.ruche("job", "cancel", id)
                try await eventually(within: .seconds(60), "the job ends") { try await fixture.job(id).state.isFinal }
                #expect(try await fixture.job(id).state == .cancelled)
            }
            try await expectNothingLeft(connection)
        }
    }

    @Test(arguments: daemons) func aJobOutlivesAServerThatIsKilled(daemon: EngineDaemon) async throws {
        try await with(daemon) { fixture, connection in
            let release = try await fixture.buildBusybox(job: Self.counting)
            let first = try await ServedProcess.start(fixture)
            let id = try await fixture.detached(release, daemon)
            try await eventually(within: .seconds(60), "the job writes") {
                FileTree.exists(fixture.data.appending("jobs/\(id)/outputs/3"))
            }
            try await first.end(SIGKILL)
            try await ServedProcess.with(fixture) { _ in
                try await eventually(within: .seconds(60), "the job ends") { try await fixture.job(id).state.isFinal }
            }
            let job = try await fixture.job(id)
            #expect(job.state == .succeeded)
            #expect(job.outputs.map(\.path).sorted() == (1...8).map(String.init))
            let log = try AtomicFile.read(fixture.data.appending("jobs/\(id)/logs/out.log"))
            #expect(String(decoding: log, as: UTF8.self) == (1...8).map { "line \($0)\n" }.joined())
            try await expectNothingLeft(connection)
        }
    }

    @Test(arguments: daemons) func aContainerThatIsRemovedBehindItsBackIsAClearFailure(daemon: EngineDaemon)
        async throws
    {
        try await with(daemon) { fixture, connection in
            let release = try await fixture.buildBusybox(job: "echo up > /pipeline/outputs/up; sleep 600")
            try await ServedProcess.with(fixture) { _ in
                let id = try await fixture.detached(release, daemon)
                try await eventually(within: .seconds(60), "the job runs") {
                    FileTree.exists(fixture.data.appending("jobs/\(id)/outputs/up"))
                }
                try await removeContainer(id, daemon, connection)
                try await eventually(within: .seconds(60), "the job ends") { try await fixture.job(id).state.isFinal }
                let shown = try await fixture.ruche("job", "show", id).output
                #expect(try await fixture.job(id).state == .failed)
                #expect(shown.contains("lost the container"), "\(shown)")
            }
        }
    }

    /// Containers of LXD go on without it. Those of Docker are ended when it is back, unless they ended before.
    @Test(arguments: daemons.filter { $0.kind != .podman })
    func aJobAndTheServerGetOverAnEngineThatIsKilled(daemon: EngineDaemon) async throws {
        try await with(daemon) { fixture, connection in
            let release = try await fixture.buildBusybox(job: Self.counting)
            try await ServedProcess.with(fixture) { _ in
                let id = try await fixture.detached(release, daemon)
                try await eventually(within: .seconds(60), "the job writes") {
                    FileTree.exists(fixture.data.appending("jobs/\(id)/outputs/3"))
                }
                let process = try #require(try await daemon.process())
                #expect(kill(process, SIGKILL) == 0)
                try await eventually(within: .seconds(120), "the job ends") { try await fixture.job(id).state.isFinal }
                let job = try await fixture.job(id)
                if job.state == .succeeded {
                    #expect(job.outputs.map(\.path).sorted() == (1...8).map(String.init))
                } else {
                    #expect(daemon.kind == .docker && job.state == .failed)
                }
                try await eventually(within: .seconds(120), "the engine is back") {
                    try await fixture.run("engine", "check", daemon.kind.rawValue).status.isSuccess
                }
                let again = try await fixture.ruche("run", release, "--engine", daemon.kind.rawValue)
                #expect(again.output.contains("succeeded"))
            }
            try await expectNothingLeft(connection)
        }
    }

    @Test func anEngineThatIsNotThereIsNamed() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write(
                ".config/ruche/config.yaml", "engines:\n  - {kind: docker, socket: /nowhere/docker.sock}\n")
            let release = try await fixture.buildBusybox()
            let checked = try await fixture.ruche("engine", "check", "docker", code: 9)
            #expect(checked.output.contains("/nowhere/docker.sock") && checked.output.contains("start it"))
            let result = try await fixture.run("run", release, "--engine", "docker")
            #expect(!result.status.isSuccess)
            #expect((result.output + result.errorTail).contains("/nowhere/docker.sock"), "\(result)")
            #expect(try await fixture.ruche("run", release).output.contains("succeeded"))
        }
    }
}

extension RucheFixture {
    /// Starts a job on a daemon and returns its id.
    fileprivate func detached(_ release: String, _ daemon: EngineDaemon) async throws -> String {
        try await ruche("run", release, "--engine", daemon.kind.rawValue, "--detach", "--quiet").output
            .filter { !$0.isWhitespace }
    }

    fileprivate func kinds(of job: JobDocument) async throws -> [String] {
        try await ServedProcess.with(self) { _ in try await kinds(of: job.id.description) }
    }
}
