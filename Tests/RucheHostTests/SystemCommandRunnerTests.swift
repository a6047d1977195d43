import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

struct SystemCommandRunnerTests {
    private let runner = SystemCommandRunner()

    private func shell(_ script: String) -> Command { Command("/bin/sh", ["-c", script]) }

    @Test func keepsBothStreamsApart() async throws {
        let lines = Collected<OutputLine>()
        let result = try await runner.run(shell("echo out; echo err >&2; printf rest; exit 3")) { lines.add($0) }
        #expect(result.status == .exited(3))
        #expect(result.output == "out\nrest")
        #expect(result.errorTail == "err")
        #expect(lines.all.filter { $0.stream == .stdout }.map(\.text) == ["out", "rest"])
        #expect(lines.all.filter { $0.stream == .stderr }.map(\.text) == ["err"])
    }

    @Test func tellsTheSignal() async throws {
        let result = try await runner.run(shell("kill -9 $$"), onLine: nil)
        #expect(result.status == .signalled(9))
        #expect(result.status.shellCode == 137)
    }

    @Test func failsOnAnyStatusButZeroWhenChecked() async throws {
        let failure = await #expect(throws: ProcessFailure.self) {
            try await runner.runChecked(shell("echo why >&2; exit 4"))
        }
        #expect(failure?.description == "/bin/sh exited with 4: why")
    }

    @Test func namesThePackageOfAMissingProgram() async throws {
        let error = await #expect(throws: RucheError.self) {
            _ = try await runner.run(Command("no-such-program-here", []), onLine: nil)
        }
        #expect(error?.code == .missingTool)
        #expect(error?.message.contains("no-such-program-here") == true)
        #expect(Tool.missing("mksquashfs").details["package"] == "squashfs-tools")
    }

    @Test func killsTheWholeGroupWhenCancelled() async throws {
        let lines = Collected<OutputLine>()
        let command = shell("sleep 600 & echo $!; wait")
        let task = Task { try await runner.run(command) { lines.add($0) } }
        #expect(try await eventually { !lines.all.isEmpty })
        let child = try #require(lines.all.first.flatMap { Int32($0.text) })
        let process = try #require(ProcessIdentity(of: child))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await eventually { !process.isAlive })
    }

    /// A socket of a library that forgot to say so; the program would hold it as long as it lives.
    @Test(arguments: [true, false]) func aProgramGetsNoDescriptorButItsOwn(inBackground: Bool) async throws {
        try await Scratch.with { folder in
            let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(socket) }
            #expect(fcntl(socket, F_GETFD) == 0, "it is open for programs")
            let (seen, kept) = (folder.appending("seen"), folder.appending("kept"))
            // The shell's own listing has one more, of the folder.
            var command = shell("cd /proc/self/fd && echo * >\(seen)")
            if inBackground { command.output = .files([1: .write(kept), 5: .write(kept)]) }
            try await runner.runChecked(command)
            let numbers = try String(decoding: AtomicFile.read(seen), as: UTF8.self).split { $0.isWhitespace }
            let known: Set<Substring> = inBackground ? ["0", "1", "2", "5"] : ["0", "1", "2"]
            #expect(Set(numbers).subtracting(known).count <= 1, "\(numbers)")
            #expect(!numbers.contains("\(socket)") || socket == 3, "\(numbers)")
        }
    }

    /// A file whose number is that under which the program is to get another one.
    @Test func filesThatExchangeTheirNumbersArriveUnderThem() async throws {
        try await Scratch.with { folder in
            for (name, number) in [("one", Int32(960)), ("two", 961)] {
                try AtomicFile.write(Array(name.utf8), to: folder.appending(name), durable: false)
                let file = open(folder.appending(name).string, O_RDONLY | O_CLOEXEC)
                defer { close(file) }
                #expect(dup2(file, number) == number)
            }
            defer { for number in [Int32(960), 961] { close(number) } }
            var command = shell("cd \(folder) && cat /proc/self/fd/960 >first && cat /proc/self/fd/961 >second")
            command.output = .files([960: .descriptor(961), 961: .descriptor(960)])
            try await runner.runChecked(command)
            #expect(try AtomicFile.read(folder.appending("first")) == Array("two".utf8))
            #expect(try AtomicFile.read(folder.appending("second")) == Array("one".utf8))
        }
    }

    @Test func boundsWhatItKeepsOfBigOutput() async throws {
        let result = try await runner.run(
            shell("yes 0123456789 | head -c 20000000; yes e | head -n 50 >&2"), onLine: nil)
        #expect(result.status == .exited(0))
        #expect(result.output.utf8.count == SystemCommandRunner.captureLimit)
        #expect(result.errorTail.split(separator: "\n").count == 20)
    }

    @Test func cutsEndlessLines() async throws {
        let lines = Collected<OutputLine>()
        _ = try await runner.run(shell("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo next")) { lines.add($0) }
        #expect(lines.all.map(\.text.utf8.count) == [64 << 10, 4])
    }

    @Test func repairsInvalidText() async throws {
        let result = try await runner.run(shell(#"printf 'a\377b\n'"#), onLine: nil)
        #expect(result.output == "a\u{FFFD}b\n")
    }

    @Test func inheritsNothing() async throws {
        setenv("RUCHE_TEST_SECRET", "secret", 1)
        let result = try await runner.run(Command("/usr/bin/env", [], environment: ["GIVEN": "1"]), onLine: nil)
        let names = result.output.split(separator: "\n").map { $0.prefix { $0 != "=" } }
        #expect(Set(names) == ["GIVEN", "PATH", "LC_ALL"])
    }

    @Test func feedsInput() async throws {
        let bytes = [UInt8](repeating: 120, count: 300_000)
        let result = try await runner.run(Command("/usr/bin/wc", ["-c"], input: .bytes(bytes)), onLine: nil)
        #expect(result.output.filter(\.isNumber) == "300000")
    }
}
