import Glibc
import RucheCore
import RucheHost
import RucheWire
import Support
import SystemPackage
import Testing

/// What packages of the original need, each installed and run for real.
@Suite(.enabled(if: BusyboxRoot.isUsable)) struct PirusCompatibilityTests {
    /// Reads as the unit-test package of the original does: values from `.job`, the address from `.pirus`; posts
    /// numbers as text with plain curl; writes one output.
    private static let unitTest = """
        config=/pipeline/inputs/config.json
        value() { tr -d '\\\\' <$config | tr ',{' '\\n\\n' | sed -n "s/.*\\"$1\\" *: *\\"\\{0,1\\}\\([^\\"}]*\\).*/\\1/p" | head -n 1 | sed 's/ *$//'; }
        url=$(value notify_url)
        post() { curl -sS -o /dev/null -w '%{http_code}\\n' -X POST -d "$1" "$url" >>/pipeline/outputs/answers; sleep 0.3; }
        post '{"progress_value": "0.25", "progress_label": "working"}'
        echo "$(value duration) seconds" >/pipeline/outputs/result.txt
        cp $config /pipeline/outputs/config.copy
        post '{"progress_value": "0.75", "progress_label": "nearly"}'
        if [ "$(value crash)" = true ]; then echo crashing >&2; exit 7; fi
        """

    private static let form = """
        {"properties": {"duration": {"type": "integer", "minimum": 1, "maximum": 60, "default": 3},
          "crash": {"type": "boolean", "default": False},
          "ref": {"type": "enum", "enum": "__PIRUS_INPUT_FILES__"},}}
        """

    private func job(_ result: CommandResult) throws -> JobDocument {
        try JSONText.lastLine(JobDocument.self, result.output)
    }

    @Test func aZipWithAnLXDImageOneFolderDownInstallsTellsAndRuns() async throws {
        try await RucheFixture.with { fixture in
            let package = try await fixture.lxdPackage(job: Self.unitTest, form: Self.form)
            let check = try await fixture.ruche("pipeline", "check", package.string, "--owner", "lab")
            #expect(check.output.contains("MyPipeline-1.0/manifest.json:4:78") && check.output.contains("no such file"))
            let install = try await fixture.ruche("pipeline", "install", package.string, "--owner", "lab")
            #expect(install.output.contains("installed lab/my-pipeline:1.0"))
            let again = try await fixture.ruche("pipeline", "install", package.string, "--owner", "lab")
            #expect(again.output.contains("lab/my-pipeline:1.0 was installed before"))
            let shown = try await fixture.ruche("pipeline", "show", "lab/my-pipeline").output
            for part in ["lxd-archive", "/pipeline/db", "duration", "about, license"] { #expect(shown.contains(part)) }
            let input = try fixture.write("a.txt", "x")
            let result = try await fixture.ruche(
                "run", "lab/my-pipeline", "--json", "--input", input.string, "--set", "duration=5")
            let job = try job(result)
            #expect(job.state == .succeeded && job.progress == 0.75 && job.progressLabel == "nearly")
            let outputs = fixture.data.appending("jobs/\(job.id)/outputs")
            let text = { (name: String) in String(decoding: try AtomicFile.read(outputs.appending(name)), as: UTF8.self)
            }
            #expect(try text("result.txt") == "5 seconds\n")
            #expect(try text("answers") == "200\n200\n")
            // What is random may have such a word in it.
            try expectNoSecret(try text("config.copy").replacing("\(job.id)", with: ""), fixture)
        }
    }

    /// The configuration has the names that old packages read, and nothing that opens anything.
    private func expectNoSecret(_ config: String, _ fixture: RucheFixture) throws {
        for part in ["\"job\"", "\"run\"", "\"parameters\"", "\"pirus\"", "\"regovar\"", "\"notify_url\""] {
            #expect(config.contains(part), "\(part) in \(config)")
        }
        let pattern = /(?i)token|passw|pwd|secret|bearer|db_host|[0-9a-f]{32}/
        #expect(config.firstMatch(of: pattern) == nil, "\(config)")
    }

    @Test func valuesOutOfTheFormAreRefusedBeforeAnythingStarts() async throws {
        try await RucheFixture.with { fixture in
            let package = try await fixture.lxdPackage(job: Self.unitTest, form: Self.form)
            try await fixture.ruche("pipeline", "install", package.string)
            for value in ["duration=61", "duration=x", "ref=unknown.bam", "crash=perhaps"] {
                let result = try await fixture.ruche("run", "local/my-pipeline", "--set", value, code: 2)
                let field = String(value.prefix { $0 != "=" })
                #expect(result.errorTail.contains(field), "\(value): \(result.errorTail)")
            }
            #expect(try isMissingOrEmpty(fixture.data.appending("jobs")))
        }
    }

    @Test func aJobThatCrashesEndsInErrorWithItsCode() async throws {
        try await RucheFixture.with { fixture in
            let package = try await fixture.lxdPackage(job: Self.unitTest, form: Self.form)
            try await fixture.ruche("pipeline", "install", package.string)
            let result = try await fixture.ruche("run", "local/my-pipeline", "--json", "--set", "crash=true", code: 7)
            let job = try job(result)
            #expect(job.state == .failed && job.exit?.code == 7)
            #expect(job.outputs.map(\.path).contains("result.txt"), "outputs of a failed job are kept")
        }
    }

    @Test func anLXDTarballWithABlockInJSONAndAMissingDocumentInstallsWithAWarning() async throws {
        try await RucheFixture.with { fixture in
            let root = try await fixture.pirusRoot("root", job: Self.gatk)
            try fixture.write("root/pipeline/form.json", #"{"tool": {"type": "string", "default": "gatk"}}"#)
            let metadata = """
                {"architecture": "x86_64", "creation_date": 1496000000,
                 "pirus": {"name": "TestUnitaire", "version": "1.0", "run": "/pipeline/job/run.sh",
                   "databases": "/pipeline/db",
                   "documents": ["/pipeline/form.json", "/wrong/file/failed.test"]}}
                """
            let package = try await fixture.lxdImage(root, metadata: metadata, to: "pipeline.tar.xz")
            let install = try await fixture.ruche("pipeline", "install", package.string)
            #expect(install.output.contains("warning: metadata.yaml:4:"))
            #expect(install.output.contains("/wrong/file/failed.test"))
            let result = try await fixture.ruche("run", "local/testunitaire", "--json")
            let job = try job(result)
            #expect(job.state == .succeeded && job.parameters["tool"] == "gatk")
            let told = result.output.split(separator: "\n").filter { $0.contains("\"job.progressed\"") }
            for part in ["\"progress\":0.2", "\"progress\":0.4", "\"progress\":1", "\"output\":\"variants.vcf\""] {
                #expect(told.contains { $0.contains(part) }, "\(part) in \(told)")
            }
            let folder = fixture.data.appending("jobs/\(job.id)/outputs/answers")
            #expect(String(decoding: try AtomicFile.read(folder), as: UTF8.self) == "200\n200\n200\n200\n")
        }
    }

    /// Posts as the first pipelines did.
    private static let gatk = """
        post() { curl -sS -o /dev/null -w '%{http_code}\\n' -X POST -d "$1" "$PIRUS_NOTIFY_URL" >>/pipeline/outputs/answers; sleep 0.3; }
        grep -q '"run"' "$PIRUS_CONFIG_FILE" || exit 3
        post '{"progress": {"min": "0", "max": "5", "value": "1", "label": "1 / 5"}}'
        post '{"progress": {"min": "0", "max": "5", "value": "2", "label": "2 / 5"}}'
        echo x >/pipeline/outputs/variants.vcf
        post '{"output": {"filename": "variants.vcf"}}'
        post '{"progress": {"min": "0", "max": "5", "value": "5", "label": "done"}}'
        """

    @Test func aContainerThatSaysFinalizingIsFinalizedOnce() async throws {
        try await RucheFixture.with { fixture in
            let package = try await fixture.lxdPackage(
                job: "curl -sS -d '{\"status\": \"finalizing\"}' \"$NOTIFY_URL\" >/pipeline/outputs/answer")
            try await fixture.ruche("pipeline", "install", package.string)
            let job = try job(try await fixture.ruche("run", "local/my-pipeline", "--json"))
            #expect(job.state == .succeeded)
            try await ServedProcess.with(fixture) { _ in
                let kinds = try await fixture.kinds(of: "\(job.id)")
                #expect(kinds.count { $0 == "job.ended" } == 1, "\(kinds)")
            }
        }
    }
}
