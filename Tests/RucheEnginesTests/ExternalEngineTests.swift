import Glibc
import RucheCore
import RucheEngines
import RucheHost
import Support
import SystemPackage
import Testing

/// Programs that do not do what the protocol says.
@Suite struct ExternalEngineTests {
    private static let hello = #"read -r line; echo '{"id":1,"result":{"protocol":1,"capabilities":["pause"]}}'"#

    private func engine(_ folder: FilePath, _ script: String, timeout: Duration = .seconds(20)) -> ExternalEngine {
        ExternalEngine(
            data: folder,
            configuration: ExternalConfiguration(name: "own", command: ["/bin/sh", "-c", script], timeout: timeout))
    }

    private func failure(_ script: String, timeout: Duration = .seconds(20)) async throws -> String {
        try await Scratch.with { folder async throws in
            let error = await #expect(throws: RucheError.self) {
                try await engine(folder, script, timeout: timeout).list()
            }
            #expect(error?.code == .engineUnavailable)
            return error?.message ?? ""
        }
    }

    @Test func namesAProgramThatIsNotThere() async throws {
        let engine = ExternalEngine(
            data: "/tmp", configuration: ExternalConfiguration(name: "own", command: ["/no/such/program"]))
        let findings = await engine.check()
        #expect(findings.first?.message.contains("/no/such/program") == true)
        let error = await #expect(throws: RucheError.self) { try await engine.state("a") }
        #expect(error?.code == .engineUnavailable)
    }

    @Test func asksForCapabilitiesFirst() async throws {
        try await Scratch.with { folder async throws in
            let engine = engine(
                folder, Self.hello + #"; read -r line; echo '{"id":2,"result":{"containers":["b","a"]}}'; cat"#)
            #expect(engine.capabilities == [])
            #expect(try await engine.list() == ["a", "b"])
            #expect(engine.capabilities == [.pause])
        }
    }

    @Test func refusesAnotherVersion() async throws {
        let message = try await failure(
            #"read -r line; echo '{"id":1,"result":{"protocol":2,"capabilities":[]}}'; cat"#)
        #expect(message.contains("version 2"))
    }

    @Test func endsAProgramThatWritesNonsense() async throws {
        #expect(try await failure(Self.hello + "; yes nonsense").contains("no messages"))
    }

    @Test func endsAProgramThatWritesALineWithoutEnd() async throws {
        #expect(try await failure(Self.hello + "; yes | tr -d '\\n'").contains("1 MiB"))
    }

    @Test(arguments: ["{}", #"{"containers":7}"#, #"{"containers":[null]}"#, "[]", "null"])
    func refusesAnAnswerOfAnotherShape(result: String) async throws {
        let script = Self.hello + #"; read -r line; echo '{"id":2,"result":\#(result)}'; cat"#
        #expect(try await failure(script).contains("something else"))
    }

    @Test func doesNotWaitForEver() async throws {
        #expect(try await failure(Self.hello + "; cat >/dev/null", timeout: .milliseconds(500)).contains("within"))
    }

    @Test func tellsAnEndInTheMiddle() async throws {
        #expect(try await failure(Self.hello + "; read -r line").contains("ended"))
    }

    @Test func startsTheProgramAgain() async throws {
        try await Scratch.with { folder async throws in
            let mark = folder.appending("mark")
            let script =
                Self.hello + "; read -r line; [ -e \(mark) ] || { : >\(mark); exit 1; }; "
                + #"echo '{"id":2,"result":{"containers":[]}}'; cat"#
            let engine = engine(folder, script)
            await #expect(throws: RucheError.self) { try await engine.list() }
            #expect(try await engine.list() == [])
        }
    }

    @Test(arguments: [
        ("not_found", "not_found"), ("invented", "engine_unavailable"), ("unauthorized", "engine_unavailable"),
    ])
    func takesTheCodesOfTheProtocol(code: String, expected: String) async throws {
        try await Scratch.with { folder async throws in
            let script =
                Self.hello + #"; read -r line; echo '{"id":2,"error":{"code":"\#(code)","message":"no"}}'; cat"#
            let error = await #expect(throws: RucheError.self) { try await engine(folder, script).list() }
            #expect(error?.code.rawValue == expected)
        }
    }

    @Test func givesAnswersToWhoAsked() async throws {
        try await Scratch.with { folder async throws in
            let script =
                Self.hello + """
                    ; id() { echo "$1" | sed 's/.*"id":\\([0-9][0-9]*\\).*/\\1/'; }
                    read -r a; read -r b
                    case "$a" in *first*) f=$(id "$a") s=$(id "$b");; *) f=$(id "$b") s=$(id "$a");; esac
                    echo "{\\"id\\":$s,\\"result\\":{\\"state\\":\\"paused\\"}}"
                    echo "{\\"id\\":99,\\"result\\":{}}"
                    echo "{\\"id\\":$f,\\"result\\":{\\"state\\":\\"running\\"}}"
                    cat
                    """
            let engine = engine(folder, script)
            async let first = engine.state("first")
            async let second = engine.state("second")
            #expect(try await [first, second] == [.running, .paused])
        }
    }

    @Test func cancelsACallThatIsNotAnswered() async throws {
        try await Scratch.with { folder async throws in
            let mark = folder.appending("mark")
            let engine = engine(folder, Self.hello + "; read -r line; : >\(mark); cat >/dev/null")
            let task = Task { try await engine.list() }
            #expect(try await eventually { FileTree.exists(mark) })
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}

/// The example program, killed and given secrets.
@Suite(.serialized, .enabled(if: BusyboxRoot.isUsable && Tool.find("conmon") != nil))
struct ExternalEngineExampleTests {
    @Test func containersGoOnWhenTheProgramIsKilled() async throws {
        try await Fixture.with(.external, "trap 'exit 5' TERM; echo up; while true; do sleep 0.01; done") {
            fixture async throws in
            try await fixture.startRunning()
            #expect(try await fixture.logged("up"))
            #expect(fixture.engine.capabilities.contains(.persistent))
            let pids = try FileTree.names(in: "/proc").compactMap(Int32.init).filter { pid in
                ProcessIdentity.arguments(of: pid).contains { $0.hasSuffix("runc_engine.py") }
                    && parent(of: pid) == getpid()
            }
            for pid in pids { kill(pid, SIGKILL) }
            // The first call may still find the program that is about to go.
            #expect(try await eventually { (try? await fixture.engine.state(fixture.id)) == .running })
            try await fixture.engine.signal(fixture.id, SIGTERM)
            #expect(try await fixture.engine.wait(fixture.id) == ContainerExit(code: 5))
        }
    }

    @Test func keepsSecretsOutOfArguments() async throws {
        try await Fixture.with(.external, "echo up; sleep 600") { spec, _ in
            spec.sandbox.environment["TOKEN"] = "hush-\(spec.id)"
        } _: { fixture async throws in
            try await fixture.startRunning()
            #expect(try await fixture.logged("up"))
            let pids = try FileTree.names(in: "/proc").compactMap(Int32.init)
            #expect(!pids.contains { ProcessIdentity.arguments(of: $0).contains { $0.contains("hush-") } })
        }
    }

    private func parent(of pid: Int32) -> Int32? {
        guard let bytes = try? AtomicFile.read(FilePath("/proc/\(pid)/stat"), limit: 4096) else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 1 ? Int32(fields[1]) : nil
    }
}
