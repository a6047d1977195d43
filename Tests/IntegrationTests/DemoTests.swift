import RucheCore
import RucheHost
import RucheWire
import Support
import SystemPackage
import Testing

/// The main job on real data: Debian's tools, the genome of lambda phage, paired reads.
@Suite struct DemoTests {
    @Test func theVariantsAreThoseOfTheSameCommandsOutside() async throws {
        try await RucheFixture.withDemo { fixture in
            let inputs = try await fixture.lambda()
            let result = try await fixture.runner.run(
                fixture.command(["run", "lab/variant-calling", "--json"] + inputs.flatMap { ["--input", $0.string] }),
                onLine: nil)
            let job = try JSONText.lastLine(JobDocument.self, result.output)
            #expect(job.state == .succeeded, "\(result.output.suffix(3000)) \(result.errorTail)")
            let inside = try AtomicFile.read(fixture.data.appending("jobs/\(job.id)/outputs/variants.vcf"))
            let outside = try await fixture.outside(inputs)
            #expect(inside == outside)
            // Not a path or a time of this run is in the alignment either.
            #expect(
                try AtomicFile.read(fixture.data.appending("jobs/\(job.id)/outputs/alignment.bam"))
                    == AtomicFile.read(fixture.folder.appending("outside/outputs/alignment.bam")))
            let records = String(decoding: inside, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
            #expect(records.count > 10)
            #expect(FileTree.exists(fixture.data.appending("jobs/\(job.id)/run.json")))
            try await rerunGivesTheSame(job, inside, fixture)
        }
    }

    private func rerunGivesTheSame(_ job: JobDocument, _ variants: [UInt8], _ fixture: RucheFixture) async throws {
        let result = try await fixture.ruche("job", "rerun", job.id.description, "--json")
        let again = try JSONText.lastLine(JobDocument.self, result.output)
        try await eventually(within: .seconds(120), "the second run ends") {
            try await fixture.job(again.id.description).state.isFinal
        }
        #expect(again.id != job.id)
        let path = fixture.data.appending("jobs/\(again.id)/outputs/variants.vcf")
        #expect(try AtomicFile.read(path) == variants)
        #expect(try await fixture.job(again.id.description).outputs == job.outputs, "the same bytes in every output")
        try await fixture.tool("sh", "-c", "rm \(fixture.folder.string)/genome/*")
        let missing = try await fixture.run("job", "rerun", job.id.description)
        #expect(!missing.status.isSuccess)
        #expect((missing.output + missing.errorTail).contains("lambda_virus"))
    }

    @Test func nothingIsBuiltTwiceAndAnEditBuildsOnlyWhatFollows() async throws {
        try await RucheFixture.withDemo { fixture in
            try await fixture.tool(
                "cp", "-r", RucheFixture.examples.appending("variant-calling").string, fixture.folder.string)
            let recipe = fixture.folder.appending("variant-calling")
            let plan = try await fixture.plan(recipe)
            #expect(plan.filter { ["base", "apt", "copy"].contains($0.kind) }.allSatisfy { $0.reused }, "\(plan)")
            try await fixture.tool("sh", "-c", "echo '# edited' >> \(recipe.appending("job/run.sh").string)")
            let edited = try await fixture.plan(recipe)
            let copy = try #require(edited.first { $0.kind == "copy" })
            #expect(!copy.reused && copy.reason.contains("run.sh"), "\(copy)")
            #expect(edited.filter { ["base", "apt"].contains($0.kind) }.allSatisfy { $0.reused })
        }
    }

    @Test func twoBuildsFromNothingGiveTheSameDigest() async throws {
        let (one, two) = try await builtTwice {
            try await RucheFixture.with { fixture in
                try await fixture.ruche("build", RucheFixture.examples.appending("variant-calling").string)
                let dates = try await mirrorDates(below: fixture.data)
                #expect(!dates.isEmpty)
                return (try await fixture.digest("lab/variant-calling"), dates)
            }
        }
        #expect(one == two)
    }

    @Test func layersHoldNoIdentityCachesOrLogs() async throws {
        try await RucheFixture.withDemo { fixture in
            let archive = fixture.folder.appending("root.tar")
            try await fixture.ruche(
                "image", "export", "lab/variant-calling", "--format", "rootfs-tar", "-o", archive.string)
            let names = try await fixture.tool("tar", "-tvf", archive.string).split(separator: "\n")
            for name in names where !name.hasPrefix("d") {
                for place in [
                    "var/lib/apt/lists/", "var/cache/apt/", "var/log/", "etc/ssh/ssh_host", "root/.cache", " ./tmp/",
                    " tmp/",
                ] {
                    #expect(!name.contains(place), "\(name)")
                }
                if name.hasSuffix("etc/machine-id") { #expect(name.contains(" 0 "), "\(name)") }
            }
        }
    }
}

struct PlanLine: Codable, Sendable {
    var index: Int
    var kind: String
    var title: String
    var reused: Bool
    var reason: String
}

extension RucheFixture {
    func plan(_ recipe: FilePath) async throws -> [PlanLine] {
        try JSONText.whole([PlanLine].self, try await ruche("build", recipe.string, "--explain", "--json").output)
    }

    func digest(_ release: String) async throws -> Digest {
        try JSONText.whole(ReleaseDocument.self, try await ruche("image", "show", release, "--json").output).summary
            .digest
    }

    /// Genome and reads of Debian's bowtie2-examples, unpacked as the pipeline takes them.
    func lambda() async throws -> [FilePath] {
        let listed = try await tool("dpkg", "-L", "bowtie2-examples").split(separator: "\n").map(String.init)
        let genome = folder.appending("genome")
        try FileTree.makeFolder(genome)
        var inputs: [FilePath] = []
        for pattern in ["lambda_virus.fa", "reads_1.fq", "reads_2.fq"] {
            guard let source = listed.first(where: { $0.contains("/\(pattern)") }) else {
                throw NeverHappened(what: pattern)
            }
            let target = genome.appending(FilePath(source).lastComponent?.string ?? pattern)
            try await tool("cp", source, target.string)
            inputs.append(target)
        }
        return inputs
    }

    /// The same script over the same files with this machine's own tools.
    func outside(_ inputs: [FilePath]) async throws -> [UInt8] {
        let work = folder.appending("outside")
        for name in ["inputs", "outputs", "logs"] { try FileTree.makeFolder(work.appending(name)) }
        for input in inputs { try await tool("cp", input.string, work.appending("inputs").string) }
        try write(
            "outside/inputs/config.json",
            "{\"job\": {\"ploidy\": 1, \"min_base_quality\": 13, \"caller\": \"multiallelic\"}}")
        try await tool(
            "/bin/sh", RucheFixture.examples.appending("variant-calling/job/run.sh").string,
            environment: [
                "PIPELINE_INPUTS": work.appending("inputs").string,
                "PIPELINE_OUTPUTS": work.appending("outputs").string,
                "PIPELINE_LOGS": work.appending("logs").string,
                "PIRUS_CONFIG_FILE": work.appending("inputs/config.json").string,
            ])
        return try AtomicFile.read(work.appending("outputs/variants.vcf"))
    }
}
