import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

/// What is put together in a workbench leaves it, as a test, a release or a package, whatever the workbench lives in.
@Suite struct PackagingTests {
    private static let job = """
        #!/bin/sh
        set -e
        if touch /pipeline/inputs/x 2>/dev/null; then exit 9; fi
        [ "$(id -u)" != 0 ]
        grep -q '"word"' /pipeline/inputs/config.json
        cat /pipeline/inputs/*.txt >/pipeline/outputs/all.txt
        echo "::ruche::progress 0.5 half"
        [ ! -e /pipeline/inputs/fail.txt ] || exit 3
        """

    @Test func theProcedureWorksWithoutADaemon() async throws {
        try await RucheFixture.with { fixture in
            _ = try await fixture.newWorkbench("tiny")
            try await Self.procedure(fixture) { _ in }
        }
    }

    @Test func theStarterRunsAsItIs() async throws {
        try await RucheFixture.with { fixture in
            _ = try await fixture.newWorkbench("tiny")
            try fixture.write("a.txt", "one\ntwo\n")
            try fixture.write("b.txt", "one\n")
            try await fixture.ruche("pipeline", "push", "tiny", "tiny/job/*", "/pipeline/job/")
            let report = try await fixture.ruche(
                "pipeline", "test", "tiny", "--input", "a.txt", "b.txt", "--set", "title=Mine", "--expect-output",
                "report.txt")
            // Reports that come at once are told as the newest of them.
            #expect(report.output.contains("100 % b.txt"), "\(report.output)")
            try await fixture.ruche("pipeline", "publish", "tiny", "lab/tiny:1.0.0")
            try await fixture.ruche("run", "lab/tiny:1.0.0", "--input", "a.txt", "--set", "title=Mine", "-o", "results")
            let text = try AtomicFile.read(fixture.folder.appending("results").appending("report.txt"))
            #expect(String(decoding: text, as: UTF8.self) == "Mine\na.txt 2\n")
        }
    }

    @Test func theProcedureWorksWithDocker() async throws {
        try await RucheFixture.with { fixture in
            try await EngineDaemon.with(.docker) { docker in
                let environment = try await docker.environment().filter { $0.key != "HOME" }
                try await Self.make(fixture, engine: "docker", environment)
                try await Self.procedure(fixture) { $0.environment.merge(environment) { $1 } }
                let left = try await docker.client("ps", "-aq")
                #expect(left.isEmpty, "no container stays: \(left)")
            }
        }
    }

    @Test func theProcedureWorksWithPodman() async throws {
        try await RucheFixture.with { fixture in
            let configuration = try fixture.write(
                "containers.conf",
                """
                [containers]
                default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
                [engine]
                runtime = "runc"
                cgroup_manager = "cgroupfs"
                """)
            let storage = try fixture.write(
                "storage.conf",
                """
                [storage]
                driver = "overlay"
                graphroot = "\(fixture.folder)/podman"
                runroot = "\(fixture.folder)/podman-run"
                """)
            let environment = [
                "CONTAINERS_CONF": configuration.string, "CONTAINERS_STORAGE_CONF": storage.string,
            ]
            try await Self.make(fixture, engine: "podman", environment)
            try await Self.procedure(fixture) { $0.environment.merge(environment) { $1 } }
        }
    }

    @Test func theProcedureWorksWithLXD() async throws {
        try await RucheFixture.with { fixture in
            try await EngineDaemon.with(.lxd) { lxd in
                let environment = try await lxd.environment().filter { $0.key != "HOME" }
                try await Self.make(fixture, engine: "lxd", environment)
                try await Self.procedure(fixture) { $0.environment.merge(environment) { $1 } }
                let left = try await lxd.client("list", "--format", "csv", "--columns", "n")
                #expect(left.isEmpty, "no container stays: \(left)")
                let images = try await lxd.client("image", "list", "--format", "csv")
                #expect(images.isEmpty, "no image stays: \(images)")
            }
        }
    }

    private static func make(_ fixture: RucheFixture, engine: String, _ environment: [String: String]) async throws {
        let base = try await fixture.busyboxRoot()
        var arguments = ["pipeline", "new", "tiny", "--from", "tar:\(base)", "--engine", engine]
        if engine != "lxd" { arguments += ["--network", "none"] }
        var command = fixture.command(arguments)
        command.environment.merge(environment) { $1 }
        let result = try await fixture.runner.run(command, onLine: nil)
        try #require(result.status.isSuccess, "\(result.output)\n\(result.errorTail)")
    }

    /// From a workbench `tiny` over busybox to packages, and nothing left.
    private static func procedure(_ fixture: RucheFixture, _ adapt: @escaping @Sendable (inout Command) -> Void)
        async throws
    {
        let procedure = Procedure(fixture: fixture, adapt: adapt)
        try fixture.write("tiny/job/run.sh", job + "\n", executable: true)
        try fixture.write(
            "tiny/form.json", #"{"type": "object", "properties": {"word": {"type": "string", "default": "w"}}}"#)
        try fixture.write("a.txt", "content\n")
        try fixture.write("fail.txt", "fails\n")
        try await procedure.ruche("pipeline", "push", "tiny", "tiny/job/*", "/pipeline/job/")
        let user = try await procedure.ruche("pipeline", "shell", "tiny", "--user", "nobody", "--", "id", "-u")
        #expect(user.output.contains("65534"))
        try await procedure.ruche("pipeline", "shell", "tiny", "--", "sh", "-c", "exit 42", code: 42)
        try await procedure.ruche("pipeline", "shell", "tiny", "--", "sh", "-c", "echo x >/tmp/left; echo k >/etc/kept")
        try await procedure.ruche("pipeline", "pull", "tiny", "/etc/kept", "kept")
        let good = try await procedure.ruche(
            "pipeline", "test", "tiny", "--input", "a.txt", "--set", "word=x", "--expect-output", "all*",
            "--junit", "report.xml")
        #expect(good.output.contains("50 % half"), "\(good.output)")
        let junit = String(decoding: try AtomicFile.read(fixture.folder.appending("report.xml")), as: UTF8.self)
        #expect(junit.contains("failures=\"0\""))
        let bad = try await procedure.ruche("pipeline", "test", "tiny", "--input", "a.txt", "fail.txt", code: 6)
        #expect(bad.output.contains("failed the job ends with 0"))
        let cleaned = try await procedure.ruche("pipeline", "clean", "tiny")
        #expect(cleaned.output.contains("/tmp"))
        try await packages(procedure)
        try await procedure.ruche("pipeline", "publish", "tiny", "lab/tiny:1.0.0")
        try await procedure.ruche("run", "lab/tiny:1.0.0", "--input", "a.txt", "-o", "results")
        let output = try AtomicFile.read(fixture.folder.appending("results").appending("all.txt"))
        #expect(String(decoding: output, as: UTF8.self) == "content\n")
        let list = try await procedure.ruche("image", "list", "--quiet")
        #expect(list.output.split(separator: "\n").count == 1, "no temporary release stays: \(list.output)")
        try await procedure.ruche("pipeline", "discard", "tiny")
        #expect(try isMissingOrEmpty(fixture.data.appending("workbenches")))
    }

    /// Every format, twice: equal bytes, and a package that the checker takes.
    private static func packages(_ procedure: Procedure) async throws {
        for format in ["zip-lxd", "zip-docker", "lxd", "oci"] {
            var digests: [String] = []
            for time in 1...2 {
                let packed = try await procedure.ruche(
                    "pipeline", "pack", "tiny", "-o", "\(format)-\(time)", "--format", format, "--quiet")
                digests.append(packed.output)
                try await procedure.ruche("pipeline", "shell", "tiny", "--", "true")
            }
            #expect(digests[0] == digests[1], "\(format) is the same each time")
            try await procedure.ruche("pipeline", "check", "\(format)-1")
            try await procedure.ruche("pipeline", "pack", "tiny", "-o", "\(format)-1", code: 4)
        }
        // Each installs elsewhere, into a data directory of its own; a Dockerfile needs a builder besides.
        for format in ["zip-lxd", "lxd", "oci"] {
            let data = procedure.fixture.folder.appending("else-\(format)").string
            let installed = try await procedure.ruche(
                "pipeline", "install", "\(format)-1", "--owner", "other", "--data", data, "--quiet")
            let release = installed.output.split(separator: "\n").last.map(String.init) ?? "nothing"
            try await procedure.ruche("run", release, "--input", "a.txt", "--data", data, "-o", "out-\(format)")
            let output = try AtomicFile.read(
                procedure.fixture.folder.appending("out-\(format)").appending("all.txt"))
            #expect(String(decoding: output, as: UTF8.self) == "content\n")
        }
        let names = try await procedure.fixture.tool(
            "unzip", "-Z1", procedure.fixture.folder.appending("zip-lxd-1").string)
        #expect(names == "LICENSE\nREADME\nform.json\nlxc_image.tar.gz\nmanifest.json\n")
        let image = try await procedure.fixture.tool(
            "tar", "-tzf", procedure.fixture.folder.appending("lxd-1").string)
        #expect(image.hasPrefix("metadata.yaml\nrootfs/\n"))
        #expect(image.contains("rootfs/pipeline/job/run.sh") && image.contains("rootfs/etc/kept"))
        #expect(!image.contains("rootfs/tmp/left"))
    }
}

/// Commands of the procedure, with what an engine's command line needs in the environment.
private struct Procedure: Sendable {
    let fixture: RucheFixture
    let adapt: @Sendable (inout Command) -> Void

    @discardableResult
    func ruche(
        _ arguments: String..., code: Int = 0, fileID: String = #fileID, line: Int = #line
    ) async throws -> CommandResult {
        var command = fixture.command(arguments)
        adapt(&command)
        let result = try await fixture.runner.run(command, onLine: nil)
        #expect(
            result.status.shellCode == code,
            "ruche \(arguments.joined(separator: " "))\n\(result.output.suffix(4000))\n\(result.errorTail)",
            sourceLocation: SourceLocation(fileID: fileID, filePath: fileID, line: line, column: 1))
        return result
    }
}
