import RucheCore
import RucheHost
import SystemPackage
import Testing

/// What people get wrong: a message that names the thing, an exit code of its class, nothing half-made.
@Suite struct BadInputTests {
    @Test func everyProblemOfARecipeIsToldAtOnceWithItsPlace() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write(
                "bad/ruche.yaml",
                """
                ruche: 1
                name: Lab/Bad
                version: 1.0+2
                from: debian:bookworm
                stesp: []
                steps:
                  - copy: {from: ../outside, to: relative}
                  - shell: scripts/missing.sh
                """)
            for command in ["check", "build"] {
                let result = try await fixture.run(command, fixture.folder.appending("bad").string)
                #expect(result.status == .exited(2))
                let text = result.output + result.errorTail
                for expected in [
                    "ruche.yaml:2:", "ruche.yaml:3:", "ruche.yaml:5:", "\"steps\"", "ruche.yaml:7:",
                    "scripts/missing.sh",
                ] {
                    #expect(text.contains(expected), "\(command): \(expected) in \(text)")
                }
            }
            #expect(!FileTree.exists(fixture.data.appending("cache/steps")))
        }
    }

    @Test func anUnknownReleaseIsNotFound() async throws {
        try await RucheFixture.with { fixture in
            let result = try await fixture.ruche("run", "lab/nothing", code: 3)
            #expect((result.output + result.errorTail).contains("lab/nothing"))
            try await fixture.ruche("image", "show", "lab/nothing", code: 3)
            try await fixture.ruche("job", "show", "01jdz0000000000000000000000", code: 2)
        }
    }

    @Test func anotherContentUnderAVersionIsRefused() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox(job: "echo one")
            let recipe = try await fixture.busyboxRecipe(job: "echo two")
            let result = try await fixture.ruche("build", recipe.string, code: 4)
            #expect((result.output + result.errorTail).contains("test/tiny:1.0.0"))
        }
    }

    @Test func aFormIsCheckedBeforeAnythingStarts() async throws {
        let form = """
            {"properties": {"ploidy": {"type": "integer", "minimum": 1, "maximum": 8, "required": true},
                            "mode": {"type": "enum", "enum": ["fast", "exact"]}}}
            """
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(form: form)
            let result = try await fixture.ruche(
                "run", release, "--set", "ploidy=12", "--set", "mode=slow", "--set", "plody=1", code: 2)
            let text = result.output + result.errorTail
            for expected in ["ploidy", "mode", "plody", "8", "exact"] {
                #expect(text.contains(expected), "\(expected) in \(text)")
            }
            let jobs = fixture.data.appending("jobs")
            #expect(try isMissingOrEmpty(jobs))
        }
    }

    @Test func aMissingInputIsNamed() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox()
            let result = try await fixture.run("run", release, "--input", fixture.folder.appending("gone.fa").string)
            #expect(!result.status.isSuccess)
            #expect((result.output + result.errorTail).contains("gone.fa"))
        }
    }

    @Test func aFailingStepShowsItsLogAndCode() async throws {
        try await RucheFixture.with { fixture in
            let recipe = try await fixture.busyboxRecipe()
            let file = recipe.appending("ruche.yaml")
            let text = String(decoding: try AtomicFile.read(file), as: UTF8.self)
            let failing = text.replacing("pipeline:", with: "  - shell: \"echo about to fail; exit 41\"\npipeline:")
            try AtomicFile.write(Array(failing.utf8), to: file)
            let result = try await fixture.ruche("build", recipe.string, code: 5)
            let output = result.output + result.errorTail
            #expect(output.contains("about to fail"))
            #expect(output.contains("41"))
            try await fixture.ruche("image", "show", "test/tiny", code: 3)
        }
    }

    @Test func aFailingTestFailsTheBuild() async throws {
        try await RucheFixture.with { fixture in
            let recipe = try await fixture.busyboxRecipe(extra: "tests: [\"true\", \"echo not so; false\"]")
            let result = try await fixture.ruche("build", recipe.string, code: 6)
            #expect((result.output + result.errorTail).contains("not so"))
            try await fixture.ruche("image", "show", "test/tiny", code: 3)
        }
    }

    @Test func aCorruptBlobIsFound() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox()
            try await fixture.ruche("verify")
            let blobs = fixture.data.appending("content/blobs/sha256")
            let name = try #require(try FileTree.names(in: blobs).first)
            try await fixture.tool("sh", "-c", "printf x >> \(blobs.appending(name).string)")
            let result = try await fixture.ruche("verify", code: 12)
            #expect((result.output + result.errorTail).contains(name.prefix(12)))
        }
    }
}
