import Glibc
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Jobs through an engine of the configuration that is the example program.
@Suite struct ExternalEngineJobTests {
    private func configure(_ fixture: RucheFixture) throws {
        let program = RucheFixture.examples.appending("external-engine/runc_engine.py")
        try fixture.write(
            ".config/ruche/config.yaml",
            """
            engines:
              - name: lab
                kind: external
                command: [/usr/bin/python3, "\(program)"]

            """)
    }

    @Test func runsAJobToItsOutputs() async throws {
        try await RucheFixture.with { fixture in
            try configure(fixture)
            let release = try await fixture.buildBusybox(
                job: "echo '::ruche::progress 0.5 half'; id -u; echo out >/pipeline/outputs/a; exit 0")
            let result = try await fixture.ruche("run", release, "--engine", "lab", "--json")
            let job = try JSONText.lastLine(JobDocument.self, result.output)
            #expect(job.state == .succeeded, "\(job)")
            #expect(job.progress == 1 || job.progress == 0.5)
            #expect(job.outputs.map(\.path) == ["a"])
            let output = fixture.data.appending("jobs/\(job.id)/outputs/a")
            #expect(try await fixture.tool("stat", "-c", "%u", output.string) == "0\n")
            #expect(try await fixture.ruche("engine", "list").output.contains("lab"))
            try await fixture.ruche("engine", "check", "lab")
            try await fixture.expectNothingLeft(of: job)
            #expect(try isMissingOrEmpty(fixture.data.appending("run/lab/containers")))
        }
    }

    @Test func goesOnAfterTheServerWasKilledAndIsCancelled() async throws {
        try await RucheFixture.with { fixture in
            try configure(fixture)
            let release = try await fixture.buildBusybox(job: "echo up; exec sleep 600")
            let first = try await ServedProcess.start(fixture)
            let id = try await fixture.ruche("run", release, "--engine", "lab", "--detach", "--quiet").output
                .filter { !$0.isWhitespace }
            try await eventually(within: .seconds(60), "the job runs") {
                try await fixture.job(id).state == .running
            }
            try await first.end(SIGKILL)
            try await ServedProcess.with(fixture) { _ in
                #expect(try await fixture.job(id).state == .running)
                try await fixture.ruche("job", "pause", id)
                try await fixture.ruche("job", "resume", id)
                try await fixture.ruche("job", "cancel", id)
                try await eventually(within: .seconds(60), "the job is cancelled") {
                    try await fixture.job(id).state == .cancelled
                }
            }
            #expect(try isMissingOrEmpty(fixture.data.appending("run/lab/containers")))
        }
    }

    @Test func namesAProgramThatIsNotThere() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write(
                ".config/ruche/config.yaml",
                "engines:\n  - {name: lab, kind: external, command: [/no/such/program]}\n")
            let result = try await fixture.run("engine", "check", "lab")
            #expect(result.status.shellCode != 0)
            #expect((result.output + result.errorTail).contains("/no/such/program"))
        }
    }
}
