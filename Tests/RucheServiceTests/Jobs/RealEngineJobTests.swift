import Glibc
import RucheCore
import RucheEngines
import RucheHost
import RucheService
import Support
import SystemPackage
import Testing

@Suite(.enabled(if: BusyboxRoot.isUsable && Tool.find("conmon") != nil)) struct RealEngineJobTests {
    private func site(
        _ script: String, _ body: @Sendable (JobSite) async throws -> Void
    ) async throws {
        try await Scratch.with { folder in
            let root = folder.appending("root")
            try BusyboxRoot.make(at: root)
            try AtomicFile.write(
                Array("#!/bin/sh\n\(script)\n".utf8), to: root.appending("bin/job"),
                permissions: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
            let engine = OCIRuntimeEngine(data: folder.appending("data"), runner: SystemCommandRunner())
            try await body(
                JobSite(folder, engine, root: root, contract: PipelineContract(job: "/bin/job 'a b'"), user: "pipeline")
            )
        }
    }

    @Test func aPipelineReadsItsInputsAndWritesItsOutputsAsItsUser() async throws {
        let script = """
            set -e
            cat /pipeline/inputs/x.txt > /pipeline/outputs/copy.txt
            id -u > /pipeline/outputs/id.txt
            echo "$1" > /pipeline/outputs/argument.txt
            test -s "$PIRUS_CONFIG_FILE"
            test "$(cat "$RUCHE_TOKEN_FILE" | wc -c)" = 64
            ! touch /pipeline/inputs/y 2>/dev/null
            echo '::ruche::progress 0.7 nearly'
            echo trouble >&2
            """
        try await site(script) { site in
            let path = try site.write("secret\n", to: "in.txt")
            chmod(path, 0o600)
            let record = try await site.serve { jobs in
                try await jobs.end(
                    of: jobs.submit(JobSubmission(release: "lab/test", inputs: [.init(name: "x.txt", path: path)])).id)
            }
            let folder = JobFolder(data: site.data, id: record.id)
            func text(_ path: FilePath) throws -> String { try String(decoding: AtomicFile.read(path), as: UTF8.self) }
            let errors = try text(folder.logs.appending("err.log"))
            #expect(record.state == .succeeded, "\(String(describing: record.exit)) \(errors)")
            #expect(record.outputs.map(\.path) == ["argument.txt", "copy.txt", "id.txt"])
            #expect(try text(folder.outputs.appending("copy.txt")) == "secret\n")
            #expect(try text(folder.outputs.appending("id.txt")) == "1000\n")
            #expect(try text(folder.outputs.appending("argument.txt")) == "a b\n")
            #expect(try text(folder.logs.appending("err.log")) == "trouble\n")
            #expect(record.progressLabel == "nearly")
            var status = stat()
            #expect(stat(folder.outputs.appending("copy.txt").string, &status) == 0 && status.st_uid == geteuid())
        }
    }

    @Test func exitsOfTheKernelAreToldApart() async throws {
        let script =
            "case $(cat /pipeline/inputs/x) in code) exit 3;; kill) kill -9 $$;; *) trap '' TERM; while :; do sleep 1; done;; esac"
        try await site(script) { site in
            let files = try ["code", "sleep"].map { try site.write($0, to: $0) }
            try await site.serve({ $0.slots = 2 }) { jobs in
                var ids: [Identifier] = []
                for file in files {
                    var submission = JobSubmission(release: "lab/test", inputs: [.init(name: "x", path: file)])
                    // The limit counts from the start of the making, which takes long on a busy machine.
                    if ids.count == 1 { submission.limits = ResourceLimits(time: 1) }
                    ids.append(try await jobs.submit(submission).id)
                }
                #expect(try await jobs.end(of: ids[0]).exit == JobExit(reason: .exited, code: 3))
                #expect(try await jobs.end(of: ids[1]).exit?.reason == .timedOut)
            }
        }
    }

    @Test func aFloodedConsoleKeepsItsBeginningAndItsEndWhileItIsFollowed() async throws {
        let count = 300_000
        try await site("/bin/busybox seq 1 \(count)") { site in
            try await site.serve {
                $0.consoleLimit = ByteCount(1 << 20)
            } _: { jobs in
                let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
                var seen: [Int] = []
                var notices = 0
                for try await line in try await jobs.logs(id, LogSelection(), follow: true, isGone: { false }) {
                    if let number = Int(line.text) { seen.append(number) } else { notices += 1 }
                }
                let record = try await jobs.end(of: id)
                #expect(record.state == .succeeded)
                #expect(seen.first == 1 && seen.last == count && zip(seen, seen.dropFirst()).allSatisfy { $0 < $1 })
                #expect((seen.count == count) == (notices == 0), "\(seen.count) lines, \(notices) gaps")
                let folder = JobFolder(data: site.data, id: id)
                let gap = try #require(LogGap(of: folder.console))
                #expect(record.warnings.contains { $0.contains("\(gap.lines) lines") })
                var status = stat()
                #expect(stat(folder.console.string, &status) == 0 && status.st_blocks * 512 < 5 << 18)
                let text = String(decoding: try AtomicFile.read(folder.logs.appending("out.log")), as: UTF8.self)
                let numbers = text.split(separator: "\n").compactMap { Int($0) }
                #expect(numbers.first == 1 && numbers.last == count)
                #expect(numbers.count + Int(gap.lines) == count, "each line is there or counted")
            }
        }
    }

    @Test func aContainerOutlivesTheServiceAndLosesNothing() async throws {
        try await site("while ! test -e /pipeline/logs/go; do sleep 0.02; done; echo x > /pipeline/outputs/late") {
            site in
            let id = try await site.serve { jobs in
                let id = try await jobs.submit(JobSubmission(release: "lab/test")).id
                #expect(try await jobs.reached(.running, id))
                _ = try await eventually { try await site.kinds().contains("job.started") }
                return id
            }
            try AtomicFile.write([], to: JobFolder(data: site.data, id: id).logs.appending("go"))
            let record = try await site.serve { try await $0.end(of: id) }
            #expect(record.state == .succeeded)
            #expect(record.outputs.map(\.path) == ["late"])
        }
    }
}
