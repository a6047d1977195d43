import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@Suite(.enabled(if: BusyboxRoot.isUsable))
struct RuncSandboxTests {
    private struct Outcome {
        var status: RucheHost.ExitStatus
        var lines: [OutputLine]
        var output: [String] { lines.filter { $0.stream == .stdout }.map(\.text) }
    }

    /// Runs a script in a fresh root and checks that nothing of the container is left.
    private func run(
        _ script: String, adjust: (inout SandboxSpec, FilePath) throws -> Void = { _, _ in }
    ) async throws -> Outcome {
        try await Scratch.with { folder in
            let root = folder.appending("root")
            try BusyboxRoot.make(at: root)
            var spec = SandboxSpec(root: root, arguments: ["/bin/sh", "-c", script])
            try adjust(&spec, folder)
            let lines = Collected<OutputLine>()
            let status = try await sandbox(folder).run(id: id(folder), spec) { lines.add($0) }
            try expectNothingLeft(folder)
            return Outcome(status: status, lines: lines.all)
        }
    }

    private func sandbox(_ folder: FilePath) -> RuncSandbox {
        RuncSandbox(
            runner: SystemCommandRunner(), stateFolder: folder.appending("runc"), bundles: folder.appending("bundles"))
    }

    private func id(_ folder: FilePath) -> String {
        "t-" + (folder.lastComponent?.string ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    private func expectNothingLeft(_ folder: FilePath) throws {
        #expect(!FileTree.exists(folder.appending("runc/\(id(folder))")))
        #expect(!FileTree.exists(folder.appending("bundles/\(id(folder))")))
        #expect(try !ControlGroup(container: id(folder)).exists)
    }

    @Test func passesOnExitCodesAndBothStreams() async throws {
        let outcome = try await run("echo out; echo err >&2; exit 7")
        #expect(outcome.status == .exited(7))
        #expect(outcome.lines.contains(OutputLine(stream: .stdout, text: "out")))
        #expect(outcome.lines.contains(OutputLine(stream: .stderr, text: "err")))
    }

    @Test func givesBuildStepsCapabilitiesAndJobsNone() async throws {
        let build = try await run("/bin/busybox grep -E 'CapEff|NoNewPrivs' /proc/self/status") { spec, _ in
            spec.privileges = .build
        }
        #expect(build.output.contains("NoNewPrivs:\t1"))
        #expect(build.output.contains("CapEff:\t00000000a80425fb"))
        let job = try await run("/bin/busybox grep CapEff /proc/self/status") { spec, _ in spec.privileges = .none }
        #expect(job.output == ["CapEff:\t0000000000000000"])
    }

    @Test(arguments: [SandboxSpec.Privileges.build, .none])
    func deniesNamespacesAndMounts(privileges: SandboxSpec.Privileges) async throws {
        let outcome = try await run(
            "unshare -U true; echo $?; unshare -n true; echo $?; mount -t tmpfs x /tmp; echo $?"
        ) { spec, _ in spec.privileges = privileges }
        #expect(!outcome.output.contains("0"))
        #expect(outcome.output.count == 3)
        #expect(outcome.lines.contains { $0.text.contains("Operation not permitted") })
    }

    @Test func hasNoNetworkUnlessAsked() async throws {
        let outcome = try await run("ip -o link")
        #expect(outcome.output.count == 1)
        #expect(outcome.output.first?.contains("lo:") == true)
        // Others' containers come and go.
        let before = try Set(FileTree.names(in: "/sys/class/net"))
        let shared = Set(try await run("ls /sys/class/net") { spec, _ in spec.network = true }.output)
        let after = try Set(FileTree.names(in: "/sys/class/net"))
        #expect(shared.isSuperset(of: before.intersection(after)) && shared.isSubset(of: before.union(after)))
    }

    @Test func mountsFoldersAndTemporaries() async throws {
        let outcome = try await run("touch /in/x || echo refused; echo out >/out/deep/f; /bin/busybox df -k /scratch") {
            spec, folder in
            for name in ["in", "out"] { try FileTree.makeFolder(folder.appending(name)) }
            try FileTree.makeFolder(folder.appending("out/deep"))
            spec.mounts = [
                .init(source: folder.appending("in"), destination: "/in", readOnly: true),
                .init(source: folder.appending("out"), destination: "/out", readOnly: false),
            ]
            spec.temporaries = ["/scratch": ByteCount(8 << 20)]
        }
        #expect(outcome.output.first == "refused")
        #expect(outcome.output.last?.contains("8192") == true)
    }

    @Test func limitsProcesses() async throws {
        let outcome = try await run(
            "i=0; while [ $i -lt 60 ]; do sleep 60 & i=$((i+1)); done; echo all"
        ) { spec, _ in spec.limits.processes = 20 }
        #expect(!outcome.output.contains("all"))
        #expect(outcome.lines.contains { $0.text.contains("fork") })
    }

    @Test func namesWhatRuncCouldNotStart() async throws {
        let error = await #expect(throws: RucheError.self) {
            _ = try await run("") { spec, _ in spec.arguments = ["/bin/missing-program"] }
        }
        #expect(error?.code == .engineUnavailable)
        #expect(error?.message.contains("missing-program") == true)
    }

    @Test(arguments: ["", "../x", "a/b", "-x", "a b", String(repeating: "a", count: 65), "é"])
    func refusesNamesThatAreNone(id: String) async throws {
        try await Scratch.with { folder in
            let error = await #expect(throws: RucheError.self) {
                _ = try await sandbox(folder).run(id: id, SandboxSpec(root: "/", arguments: ["true"]), onLine: nil)
            }
            #expect(error?.code == .invalidInput)
        }
    }

    @Test func killsWhatRunsWhenCancelled() async throws {
        try await Scratch.with { folder in
            let root = folder.appending("root")
            try BusyboxRoot.make(at: root)
            let lines = Collected<OutputLine>()
            let script = "trap '' TERM; echo up; (setsid sleep 600 &); while true; do sleep 1; done"
            let spec = SandboxSpec(root: root, arguments: ["/bin/sh", "-c", script])
            let sandbox = sandbox(folder)
            let name = id(folder)
            let task = Task { try await sandbox.run(id: name, spec) { lines.add($0) } }
            #expect(try await eventually { !lines.all.isEmpty })
            let start = ContinuousClock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            // Far from the 600 s that it would last, and far from what a busy machine takes.
            #expect(ContinuousClock.now - start < .seconds(60))
            try expectNothingLeft(folder)
        }
    }

    @Test func cancelledWhileStartingLeavesNothing() async throws {
        try await Scratch.with { folder in
            let root = folder.appending("root")
            try BusyboxRoot.make(at: root)
            let spec = SandboxSpec(root: root, arguments: ["/bin/sleep", "600"])
            let sandbox = sandbox(folder)
            let name = id(folder)
            for delay in [0, 5, 10, 15, 20, 30, 40] {
                let task = Task { try await sandbox.run(id: name, spec, onLine: nil) }
                try await Task.sleep(for: .milliseconds(delay))
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                try expectNothingLeft(folder)
            }
        }
    }

    /// Killed with KILL, the process that runs a container leaves it, its bundle and its control group.
    @Test func reconcileRemovesWhatADeadProcessLeft() async throws {
        try await Scratch.with { folder in
            let root = folder.appending("root")
            try BusyboxRoot.make(at: root)
            let lines = Collected<OutputLine>()
            let spec = SandboxSpec(root: root, arguments: ["/bin/sh", "-c", "echo up; exec sleep 600"])
            let former = sandbox(folder)
            let name = id(folder)
            let task = Task { try await former.run(id: name, spec) { lines.add($0) } }
            #expect(try await eventually { !lines.all.isEmpty })
            try await sandbox(folder).reconcile()
            #expect(try ControlGroup(container: name).processes().isEmpty)
            _ = await task.result  // ended from outside; how it tells of that is not the point
            try expectNothingLeft(folder)
        }
    }
}
