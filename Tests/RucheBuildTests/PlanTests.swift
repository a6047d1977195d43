import RucheCore
import RucheHost
import SystemPackage
import Testing

@testable import RucheBuild

struct PlanTests {
    private func inputs(_ step: Step, _ site: BuildSite) throws -> StepInputs {
        try StepInputs(step, in: SourceFolder(site.recipe), recipeFile: "ruche.yaml")
    }

    @Test func keyDependsOnContentModeAndNamesButNotOnTimes() async throws {
        try await Machine.withFolder { folder in
            let site = try BuildSite(in: folder)
            try site.write("a", to: "tree/a")
            let step = Step.copy(CopyStep(from: "tree", to: "/x"))
            let first = try inputs(step, site)
            try site.write("a", to: "tree/a")
            #expect(try inputs(step, site) == first)
            try site.write("a", to: "tree/a", mode: 0o755)
            #expect(try inputs(step, site).change(since: first) == "tree/a changed")
            try site.write("a", to: "tree/a")
            try site.write("b", to: "tree/b")
            #expect(try inputs(step, site).change(since: first) == "tree/b added")
        }
    }

    @Test func keyDependsOnParentArchitectureAndLock() throws {
        let inputs = StepInputs(text: "{}", files: [:])
        let one = try CanonicalJSONDigest.of("one")
        let two = try CanonicalJSONDigest.of("two")
        let keys = [
            try inputs.key(parent: one, architecture: "amd64", pins: nil),
            try inputs.key(parent: two, architecture: "amd64", pins: nil),
            try inputs.key(parent: one, architecture: "arm64", pins: nil),
            try inputs.key(parent: one, architecture: "amd64", pins: two),
        ]
        #expect(Set(keys).count == 4)
        #expect(try inputs.key(parent: one, architecture: "amd64", pins: nil) == keys[0])
    }

    @Test func filesMustStayInTheFolder() async throws {
        try await Machine.withFolder { folder in
            let site = try BuildSite(in: folder)
            try AtomicFile.write([1], to: folder.appending("secret"))
            try await SystemCommandRunner().runChecked(
                Command("ln", ["-s", "../secret", site.recipe.appending("link").string]))
            let source = SourceFolder(site.recipe)
            #expect(throws: RucheError.self) { try source.locate("../secret") }
            #expect(throws: RucheError.self) { try source.digest(file: "link") }
            #expect(throws: RucheError.self) { try source.locate("missing") }
        }
    }

    @Test func requirementFilesAreFollowed() async throws {
        try await Machine.withFolder { folder in
            let site = try BuildSite(in: folder)
            try site.write("-r more/base.txt\nsix\n", to: "requirements.txt")
            try site.write("--constraint=../pins.txt\n-rextra.txt\n", to: "more/base.txt")
            try site.write("numpy\n", to: "more/extra.txt")
            try site.write("six==1.16\n", to: "pins.txt")
            let step = PipStep(requirements: "requirements.txt")
            #expect(
                try SourceFolder(site.recipe).requirementFiles(of: step)
                    == ["more/base.txt", "more/extra.txt", "pins.txt", "requirements.txt"])
        }
    }

    @Test(arguments: [
        (Step.apt(AptStep(packages: ["a", "b"])), Step.apt(AptStep(packages: ["b", "c"])), ": apt packages +c -a"),
        (.apt(AptStep(packages: ["a"])), .apt(AptStep(packages: ["a"], recommends: true)), ": apt recommends"),
        (.apt(AptStep(packages: ["a"])), .pip(PipStep(packages: ["a"])), ": apt became pip"),
    ])
    func tellsWhatOfAStepChanged(before: Step, after: Step, expected: String) throws {
        let encoded = try [before, after].map(CanonicalJSONDigest.text)
        #expect(StepText.difference(from: encoded[0], to: encoded[1]) == expected)
    }

    @Test func lockDifferencesAreListed() throws {
        let base = BuildLock.Base(reference: "debian:bookworm", layers: [])
        let lock = BuildLock(architecture: "amd64", base: base, apt: ["a": "1", "b": "2"], pip: [:], files: [:])
        var other = lock
        other.apt = ["a": "1", "b": "3", "c": "4"]
        #expect(
            LockComparison.differences(other, lock) == ["apt b 2 became 3", "apt c (none) became 4"])
        #expect(throws: RucheError.self) { try LockComparison.check(other, against: lock) }
        try LockComparison.check(lock, against: lock)
    }
}
