import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Jobs that misbehave, through the real program, conmon and runc.
@Suite struct JobFaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let script: String
        let arguments: [String]
        let reason: JobExit.Reason
        var code: Int?
        var testDescription: String { name }
    }

    static let faults = [
        Fault(name: "returns a code", script: "exit 7", arguments: [], reason: .exited, code: 7),
        Fault(
            name: "is ended by a signal", script: "sh -c 'kill -SEGV $$'; exit $?", arguments: [], reason: .signalled,
            code: 139),
        Fault(
            name: "exceeds its memory", script: "exec tail -c 400m /dev/zero", arguments: ["--memory", "32M"],
            reason: .outOfMemory),
        Fault(name: "exceeds its time", script: "sleep 600", arguments: ["--time", "1"], reason: .timedOut),
        Fault(
            name: "exceeds its time and ignores TERM", script: "trap '' TERM; while :; do sleep 1; done",
            arguments: ["--time", "1"], reason: .timedOut),
        Fault(
            name: "fills its disk",
            script: "i=0; while :; do i=$((i+1)); head -c 4m /dev/zero > /pipeline/outputs/f$i; done",
            arguments: ["--disk", "64M"], reason: .diskLimit),
        Fault(
            name: "floods its log", script: "exec yes a line that fills the log of the job",
            arguments: ["--disk", "64M"],
            reason: .diskLimit),
        Fault(
            name: "claims to be finished",
            script: "echo '{\"status\":\"done\",\"progress_value\":1}' > /pipeline/logs/progress.json; sleep 1; exit 3",
            arguments: [], reason: .exited, code: 3),
    ]

    @Test(arguments: faults) func aFaultHasItsReason(_ fault: Fault) async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(job: fault.script)
            let command = fixture.command(["run", release, "--json"] + fault.arguments)
            let result = try await fixture.runner.run(command, onLine: nil)
            #expect(
                result.status == .exited(fault.reason == .timedOut ? 13 : 7), "\(result.output)\n\(result.errorTail)")
            let job = try JSONText.lastLine(JobDocument.self, result.output)
            #expect(job.state == .failed)
            #expect(job.exit?.reason == fault.reason)
            if let code = fault.code { #expect(job.exit?.code == code) }
            try await fixture.expectNothingLeft(of: job)
        }
    }

    @Test func aForkBombStaysInItsLimitAndEnds() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(job: "bomb() { bomb | bomb & }; bomb; sleep 60")
            let result = try await fixture.runner.run(
                fixture.command(["run", release, "--json", "--processes", "64", "--time", "3"]), onLine: nil)
            let job = try JSONText.lastLine(JobDocument.self, result.output)
            #expect(job.state == .failed)
            try await fixture.expectNothingLeft(of: job)
        }
    }

    @Test func aJobHasNoNetworkNoPrivilegesAndReadOnlyInputs() async throws {
        let script = """
            set -e
            test "$(id -u)" != 0
            grep -q 'CapEff:.0000000000000000' /proc/self/status
            grep -q 'NoNewPrivs:.1' /proc/self/status
            test "$(grep -c : /proc/net/dev)" = 1
            ! touch /pipeline/inputs/new 2>/dev/null
            ! echo more >> /pipeline/inputs/data.txt 2>/dev/null
            mkdir -p /pipeline/outputs/deep/er
            cp /pipeline/inputs/data.txt /pipeline/outputs/deep/er/copy.txt
            grep -q '"job"' /pipeline/inputs/config.json
            test -s "$PIRUS_CONFIG_FILE"
            test -n "$NOTIFY_URL"
            """
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(job: script)
            let input = try fixture.write("data.txt", "some data\n")
            let out = fixture.folder.appending("out")
            let result = try await fixture.ruche(
                "run", release, "--input", input.string, "--output", out.string, "--json")
            let job = try JSONText.lastLine(JobDocument.self, result.output)
            #expect(job.outputs.map(\.path) == ["deep/er/copy.txt"])
            #expect(job.outputs.first?.size == 10)
            let copy = try AtomicFile.read(out.appending("deep/er/copy.txt"))
            #expect(String(decoding: copy, as: UTF8.self) == "some data\n")
            let again = try await fixture.run("run", release, "--input", input.string, "--output", out.string)
            #expect(!again.status.isSuccess, "an output is never overwritten")
        }
    }
}

extension RucheFixture {
    /// No container, cgroup or mount of a job outlives it.
    func expectNothingLeft(of job: JobDocument) async throws {
        let mounts = String(decoding: try AtomicFile.read("/proc/self/mounts"), as: UTF8.self)
        #expect(!mounts.contains(job.id.description))
        let processes = try await tool("ps", "-eo", "args")
        #expect(!processes.contains(job.id.description), "conmon is gone")
    }
}
