import RucheCore
import RucheWire
import RucheWorkbench
import Testing

@testable import ruche

/// What is decided before a workbench is touched.
@Suite struct MakingTests {
    @Test(arguments: [
        "relative", "/", "/data/", "/data//in", "/data/../in", "/data/./in", "/proc/in", "/run", "/pipeline/job/in",
        "/pipeline", "/a\nb", "",
    ])
    func refusesAFolderThatIsNone(path: String) {
        var folders = PipelineFolders()
        folders.inputs = path
        #expect(throws: RucheError.self) { try folders.check() }
    }

    @Test func tellsOfEveryFolderAtOnce() {
        var folders = PipelineFolders()
        (folders.inputs, folders.outputs, folders.logs) = ("in", "/same", "/same")
        let error = #expect(throws: RucheError.self) { try folders.check() }
        #expect(error?.problems.map(\.path) == ["inputs", "logs"])
    }

    @Test func acceptsOtherFolders() throws {
        var folders = PipelineFolders()
        (folders.inputs, folders.outputs) = ("/regovar/inputs", "/regovar/outputs")
        try folders.check()
    }

    @Test(arguments: ["", "Upper", "-a", "a-", "a--b", "1a", "a/b", "..", String(repeating: "a", count: 41)])
    func refusesANameThatIsNoFolder(name: String) {
        #expect(throws: RucheError.self) { try WorkbenchRecord.check(name: name) }
    }

    @Test func replacesKeysOfARecipeAndLeavesTheRest() {
        var text = RecipeText(
            """
            # A pipeline.
            ruche: 1
            name: lab/old
            from: debian:bookworm  # a base
            steps:
              - apt: [jq]

              # the job
              - copy: {from: job/, to: /pipeline/job}
            pipeline:
              job: /pipeline/job/run.sh
              from: kept

            """)
        text.replace("steps", with: nil)
        text.replace("from", with: "from: tar:root.tar")
        text.replace("name", with: "name: lab/new")
        #expect(
            text.text == """
                name: lab/new
                from: tar:root.tar
                # A pipeline.
                ruche: 1
                pipeline:
                  job: /pipeline/job/run.sh
                  from: kept

                """)
    }

    @Test func writesAReportThatXMLCanHold() throws {
        let digest = try #require(Digest(hex: String(repeating: "0", count: 64)))
        let id = try #require(Identifier("00000000000000000000000000"))
        var job = JobDocument(
            id: id, release: "lab/tiny:1.0.0", releaseDigest: digest, engine: "oci-runtime", state: .succeeded,
            createdAt: 0, parameters: [:], inputs: [], limits: ResourceLimits())
        job.warnings = ["<&\"\u{1b}[31m"]
        let report = PipelineTestReport(name: "tiny", job: job, expected: ["*.txt"], progress: [], log: ["a < b"])
        #expect(!report.isSuccess)
        #expect(report.junit.contains("<failure message=\"&lt;&amp;&quot;[31m\"/>"))
        #expect(report.junit.contains("tests=\"4\" failures=\"3\""))
        #expect(report.junit.contains("a &lt; b"))
    }
}
