import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// What a running job uses, and that nobody takes it away.
@Suite struct JobUseTests {
    @Test func figuresAreThoseOfTheWork() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(
                job: "head -c 30m /dev/zero > /dev/shm/held; echo x > /pipeline/outputs/begun; while :; do :; done")
            try await ServedProcess.with(fixture) { _ in
                let id = try await fixture.ruche(
                    "run", release, "--detach", "--quiet", "--cpus", "0.5", "--memory", "128M"
                ).output.filter { !$0.isWhitespace }
                try await eventually(within: .seconds(60), "the job is busy") {
                    FileTree.exists(fixture.data.appending("jobs/\(id)/outputs/begun"))
                }
                // Never more than it may; less while other tests keep the machine busy.
                try await eventually(within: .seconds(90), "half a CPU is in use") {
                    let text = try await fixture.ruche("job", "stats", id, "--json").output
                    let stats = try JSONText.whole(JobStatsDocument.self, text)
                    let cpus = try #require(stats.cpus, "known at the first look")
                    #expect((0...0.65).contains(cpus), "\(cpus)")
                    #expect((30 << 20)..<(60 << 20) ~= stats.memoryBytes, "\(stats.memoryBytes)")
                    #expect(stats.memoryPeakBytes >= stats.memoryBytes)
                    #expect(stats.memoryLimitBytes == 128 << 20)
                    #expect((1...3).contains(stats.processes))
                    return cpus > 0.35
                }
                let text = try await fixture.ruche("job", "stats", id).output
                #expect(text.contains("%") && text.contains("of 128"), "\(text)")
                try await fixture.cancel(id)
            }
        }
    }

    @Test func aCollectionTakesNothingThatAJobOrAnUploadUses() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(
                job: """
                    echo x > /pipeline/outputs/begun
                    until [ -e /pipeline/outputs/go ]; do sleep 0.1; done
                    cat /pipeline/inputs/sent > /pipeline/outputs/copy; ls /bin | wc -l
                    """)
            let content = fixture.folder.appending("big")
            try await fixture.tool("sh", "-c", "head -c 3000000 /dev/urandom > \(content.string)")
            try await ServedProcess.with(fixture) { _ in
                // While the file comes in slowly, collections run again and again.
                async let sending = fixture.curl(
                    "/api/v1/files?name=sent", "--limit-rate", "2M", "--data-binary", "@\(content.string)")
                for _ in 0..<3 { try await fixture.ruche("gc") }
                let file = try JSONText.whole(FileDocument.self, try await sending)
                try await fixture.ruche("gc")
                let body = """
                    {"release": "\(release)", "inputs": [{"name": "sent", "file": "\(file.digest)"}], "parameters": {}}
                    """
                let job = try JSONText.whole(
                    JobDocument.self,
                    try await fixture.curl("/api/v1/jobs", "-H", "Content-Type: application/json", "-d", body))
                try await eventually(within: .seconds(60), "the job runs") {
                    FileTree.exists(fixture.data.appending("jobs/\(job.id)/outputs/begun"))
                }
                let refused = try await fixture.ruche("image", "remove", release, code: 4)
                #expect((refused.output + refused.errorTail).contains(release))
                try await fixture.ruche("gc")
                try AtomicFile.write([], to: fixture.data.appending("jobs/\(job.id)/outputs/go"))
                try await eventually(within: .seconds(60), "the job ends") {
                    try await fixture.job(job.id.description).state.isFinal
                }
                let ended = try await fixture.job(job.id.description)
                #expect(ended.state == .succeeded)
                #expect(ended.outputs.first { $0.path == "copy" }?.digest == file.digest)
                try await fixture.ruche("verify")
            }
        }
    }
}
