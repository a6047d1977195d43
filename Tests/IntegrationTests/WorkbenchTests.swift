import Glibc
import RucheHost
import SystemPackage
import Testing

/// A workbench without a daemon, from its base to a clean root, as a person uses it.
@Suite struct WorkbenchTests {
    @Test func whatIsPutTogetherStaysAndComesBackOut() async throws {
        try await RucheFixture.with { fixture in
            let base = try await fixture.newWorkbench("tiny")
            #expect(FileTree.exists(fixture.folder.appending("tiny").appending("ruche.yaml")))
            #expect(FileTree.exists(base))
            for folder in ["job", "inputs", "outputs", "logs", "db"] {
                try await fixture.ruche("pipeline", "shell", "tiny", "--", "test", "-d", "/pipeline/\(folder)")
            }
            try await fixture.ruche("pipeline", "push", "tiny", "tiny/job/*", "/pipeline/job/")
            try fixture.write("samples/a b.txt", "one\ntwo\n")
            try fixture.write("samples/deep/c.txt", "three\n")
            try await fixture.ruche("pipeline", "push", "tiny", "samples", "/pipeline/inputs/")
            try await fixture.ruche("pipeline", "push", "tiny", "samples/a b.txt", "/pipeline/inputs/renamed.txt")
            let text = try await fixture.ruche(
                "pipeline", "shell", "tiny", "--", "sh", "-c",
                "cat '/pipeline/inputs/samples/a b.txt' /pipeline/inputs/renamed.txt; ls -l /pipeline/job/run.sh")
            #expect(text.output.contains("one\ntwo\none\ntwo\n"))
            #expect(text.output.contains("-rwxr-xr-x"), "permissions stay")
            try await fixture.ruche("pipeline", "pull", "tiny", "/pipeline/inputs/*", "back")
            let back = try AtomicFile.read(fixture.folder.appending("back").pushing("samples/deep/c.txt"))
            #expect(String(decoding: back, as: UTF8.self) == "three\n")
            try await fixture.ruche("pipeline", "pull", "tiny", "/pipeline/inputs/*", "back", code: 4)
            try await fixture.ruche("pipeline", "discard", "tiny")
            try await fixture.ruche("pipeline", "shell", "tiny", "--", "true", code: 3)
            #expect(try isMissingOrEmpty(fixture.data.appending("workbenches")))
        }
    }

    @Test func aShellPassesOnTheExitCodeAndTheUser() async throws {
        try await RucheFixture.with { fixture in
            _ = try await fixture.newWorkbench("tiny")
            try await fixture.ruche("pipeline", "shell", "tiny", "--", "sh", "-c", "exit 42", code: 42)
            let id = try await fixture.ruche(
                "pipeline", "shell", "tiny", "--user", "nobody", "--", "sh", "-c", "id -u; echo $A; cat", "--env")
            #expect(id.output.hasPrefix("65534"))
            let variable = try await fixture.ruche(
                "pipeline", "shell", "tiny", "--env", "A=b=c", "--", "sh", "-c", "echo $A")
            #expect(variable.output == "b=c\n")
            try await fixture.ruche("pipeline", "shell", "tiny", "--user", "ghost", "--", "true", code: 2)
        }
    }

    /// What a person does at a terminal: types, sees it echoed, resizes the window, stops a program, leaves.
    private static let person = """
        import fcntl, os, pty, re, signal, struct, sys, termios, time
        pid, terminal = pty.fork()
        if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
        seen = ""
        def expect(text, seconds=60):
            global seen
            end = time.monotonic() + seconds
            while text not in seen:
                if time.monotonic() > end: sys.exit(f"no {text!r} in {seen!r}")
                seen += os.read(terminal, 65536).decode(errors="replace")
            before, _, seen = seen.partition(text)
            return before
        def type(text): os.write(terminal, text.encode())
        def resize(rows, columns): fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        resize(24, 80)
        type("test -t 0 && test -t 1 && echo terminal$((6 * 7))\\n"); expect("terminal42\\r\\n")
        resize(31, 97); os.kill(pid, signal.SIGWINCH)
        end = time.monotonic() + 60
        while True:
            type("busybox stty size; echo sized$((1 + 1))\\n")
            if "31 97\\r\\n" in expect("sized2\\r\\n"): break
            if time.monotonic() > end: sys.exit("the size stays")
            time.sleep(0.1)
        # Ctrl-C before the shell has its line would be one more key of that line.
        type("echo sleeps$((1 + 1)); busybox sleep 600; echo left$?\\n"); expect("sleeps2\\r\\n")
        time.sleep(1); type("\\x03"); type("echo again$((1 + 1))\\n"); expect("again2\\r\\n")
        type("exit 5\\n")
        try:
            while os.read(terminal, 65536): pass
        except OSError: pass
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """

    @Test func aShellIsATerminalAtATerminal() async throws {
        try await RucheFixture.with { fixture in
            _ = try await fixture.newWorkbench("tiny")
            let shell = fixture.command(["pipeline", "shell", "tiny"])
            var command = Command(
                "python3", ["-c", Self.person, shell.executable] + shell.arguments, environment: shell.environment)
            command.environment["TERM"] = "xterm"
            command.workingDirectory = shell.workingDirectory
            let person = try await fixture.runner.runChecked(command)
            #expect(person.output == "5\n")
        }
    }

    @Test func cleaningSaysWhatItRemovesAndHowMuch() async throws {
        try await RucheFixture.with { fixture in
            _ = try await fixture.newWorkbench("tiny")
            let script = """
                mkdir -p /var/cache/apt/archives /var/lib/apt/lists /root; head -c 1000 /dev/zero >/tmp/big
                head -c 500 /dev/zero >/var/cache/apt/archives/x.deb; echo secret >/root/.bash_history
                echo 0123456789abcdef >/etc/machine-id; echo in >/pipeline/inputs/a; echo keep >/etc/keep
                """
            try await fixture.ruche("pipeline", "shell", "tiny", "--", "sh", "-c", script)
            let dry = try await fixture.ruche("pipeline", "clean", "tiny", "--dry-run", "--json")
            #expect(dry.output.contains("\"bytes\" : 1527") || dry.output.contains("\"bytes\": 1527"), "\(dry.output)")
            let first = try await fixture.ruche("pipeline", "clean", "tiny")
            for path in ["/tmp", "/var/cache/apt/archives", "/root/.bash_history", "/etc/machine-id"] {
                #expect(first.output.contains(path))
            }
            try await fixture.ruche(
                "pipeline", "shell", "tiny", "--", "sh", "-c",
                "[ ! -e /tmp/big ] && [ ! -e /root/.bash_history ] && [ ! -s /etc/machine-id ] && [ -s /etc/keep ]")
            let second = try await fixture.ruche("pipeline", "clean", "tiny")
            #expect(second.output.contains("in 0 places"))
        }
    }

    @Test func badInputStopsEverythingBeforeItStarts() async throws {
        try await RucheFixture.with { fixture in
            let base = try await fixture.busyboxRoot()
            for arguments in [
                ["Big", "--from", "tar:\(base)"], ["tiny", "--from", "nonsense"],
                ["tiny", "--from", "tar:missing.tar"],
                ["tiny", "--from", "tar:\(base)", "--inputs", "relative"],
                ["tiny", "--from", "tar:\(base)", "--inputs", "/data", "--outputs", "/data/out"],
                ["tiny", "--from", "tar:\(base)", "--logs", "/proc/logs"],
            ] {
                let result = try await fixture.runner.run(
                    fixture.command(["pipeline", "new"] + arguments), onLine: nil)
                #expect([2, 3].contains(result.status.shellCode), "\(arguments): \(result)")
            }
            #expect(try isMissingOrEmpty(fixture.data.appending("workbenches")))
            #expect(!FileTree.exists(fixture.folder.appending("tiny")))
            _ = try await fixture.newWorkbench("tiny")
            try await fixture.ruche("pipeline", "new", "tiny", "--from", "tar:\(base)", code: 4)
            try await fixture.ruche("pipeline", "push", "tiny", "missing", "/pipeline/inputs/", code: 3)
            try await fixture.ruche("pipeline", "push", "tiny", "tiny/form.json", "relative", code: 2)
            try await fixture.ruche("pipeline", "pull", "tiny", "/pipeline/none*", ".", code: 3)
        }
    }

    @Test func aKilledCommandLeavesNothingHalfMade() async throws {
        try await RucheFixture.with { fixture in
            _ = try await fixture.newWorkbench("tiny")
            // No other process of the machine sleeps that long.
            let sleep = "sleep \(UInt32.random(in: 1_000_000 ... 2_000_000_000))"
            let marker = fixture.data.appending("workbenches").pushing("tiny/upper/started")
            let task = Task {
                try await fixture.run("pipeline", "shell", "tiny", "--", "sh", "-c", "touch /started; \(sleep)")
            }
            try await eventually(within: .seconds(60), "the shell runs") { FileTree.exists(marker) }
            try await fixture.ruche("pipeline", "clean", "tiny", code: 4)
            try await fixture.ruche("pipeline", "shell", "tiny", "--", "test", "-e", "/started")
            try await fixture.tool(
                "sh", "-c",
                "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null | "
                    + "grep -q '^[^ ]*ruche pipeline shell tiny .*\(sleep)' && kill -9 ${p#/proc/}; done; true")
            #expect(try await task.value.status == .signalled(SIGKILL))
            try FileTree.makeFolder(fixture.data.appending("workbenches").appending(".new-tiny-1"))
            try await fixture.ruche("pipeline", "clean", "tiny")
            #expect(try OverlayMount.mounted(under: fixture.data.appending("workbenches")).isEmpty)
            #expect(try FileTree.names(in: fixture.data.appending("workbenches")) == ["tiny"])
        }
    }
}

extension RucheFixture {
    /// Makes a workbench over one static program, and returns the tar it started from.
    func newWorkbench(_ name: String, _ options: String...) async throws -> FilePath {
        let base = try await busyboxRoot()
        let result = try await runner.run(
            command(["pipeline", "new", name, "--from", "tar:\(base)"] + options), onLine: nil)
        #expect(result.status.isSuccess, "\(result.output)\n\(result.errorTail)")
        return base
    }

    func busyboxRoot() async throws -> FilePath {
        try await busyboxRecipe().appending("root.tar")
    }
}
