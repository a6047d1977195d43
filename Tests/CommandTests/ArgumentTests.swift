import ArgumentParser
import RucheCore
import Testing

@testable import ruche

@Suite struct ArgumentTests {
    @Test func readsTheWholeLineOfARun() throws {
        let command = try #require(
            try Ruche.parseAsRoot([
                "run", "lab/vc:1.0.0", "--input", "a.fq", "b.fq", "--set", "x=1", "--set", "y=-2", "--memory", "2G",
                "--time", "15m", "--cpus", "0.5", "-v", "--json",
            ]) as? Run)
        #expect(command.release.description == "lab/vc:1.0.0")
        #expect(command.input == ["a.fq", "b.fq"])
        #expect(command.set == ["x=1", "y=-2"])
        #expect(command.limits.value == ResourceLimits(cpus: 0.5, memory: ByteCount(2 << 30), time: 900))
        #expect(command.following.verbose)
        #expect(command.global.format == .json)
    }

    @Test func readsALockedBuildWithAndWithoutAFile() throws {
        let plain = try #require(try Ruche.parseAsRoot(LockedOption.rewrite(["build", ".", "--locked"])) as? Build)
        #expect(plain.locked && plain.lockFile == nil)
        let named = try #require(
            try Ruche.parseAsRoot(LockedOption.rewrite(["build", "--locked=a b.lock", "."])) as? Build)
        #expect(named.lockFile == "a b.lock")
        #expect(LockedOption.rewrite(["x", "--", "--locked=y"]) == ["x", "--", "--locked=y"])
    }

    @Test func theVersionOfAnImportIsNotTheProgramsOwn() throws {
        let line = ["image", "import", "f.tar", "--as", "lab/x", "--version", "1.2"]
        let command = try #require(try Ruche.parseAsRoot(line) as? ImageImport)
        #expect(command.version == "1.2")
        #expect(throws: (any Error).self) { _ = try Ruche.parseAsRoot(["image", "list", "--version"]) }
        for bad in [
            ["--as", "lab/x"], ["--as", "lab/x:1", "--version", "2"], ["--as", "lab/x", "--version", "no version"],
        ] {
            #expect(throws: (any Error).self) { _ = try Ruche.parseAsRoot(["image", "import", "f.tar"] + bad) }
        }
    }

    @Test func takesGlobalOptionsBeforeTheCommand() {
        #expect(
            LeadingOptions.rewrite(["--data", "d", "--json", "image", "list"])
                == ["image", "list", "--data", "d", "--json"])
        #expect(LeadingOptions.rewrite(["--server=u", "job", "--", "x"]) == ["job", "--server=u", "--", "x"])
        for same in [["--data"], ["--data", "d"], ["--json"], ["--help"], ["run", "--json"], []] {
            #expect(LeadingOptions.rewrite(same) == same)
        }
    }

    @Test func namesTheCommandThatWasMeant() throws {
        func text(_ arguments: [String]) throws -> String {
            let error = try #require(throws: (any Error).self) { _ = try Ruche.parseAsRoot(arguments) }
            return UsageReport.text(error, arguments)
        }
        #expect(
            try text(["job", "lst"])
                == "error: there is no command \"ruche job lst\"; did you mean \"ruche job list\"? (\"ruche job --help\" lists them)\n"
        )
        #expect(try text(["nothing-like-it"]).hasPrefix("error: there is no command \"ruche nothing-like-it\" ("))
        #expect(try text(["job", "show", "7"]).hasPrefix("error: The value '7' is invalid"))
        #expect(try text(["job", "show", "7", "--json"]).contains(#""code":"invalid_input""#))
    }

    @Test(arguments: [
        ["bogus"], ["run"], ["run", "NotARelease", "--input", "x"], ["run", "a/b", "--memory", "lots"],
        ["run", "a/b", "--time", "0"], ["run", "a/b", "--cpus", "nan"], ["run", "a/b", "--processes", "0"],
        ["run", "a/b", "--detach", "--output", "x"], ["job", "show", "7"], ["image", "remove", "a/b"],
        ["image", "tag", "a/b", "stable"], ["image", "tag", "a/b:1", "no tag"],
        ["image", "export", "a/b", "--format", "zip", "-o", "x"],
        ["job", "list", "--json", "--quiet"], ["build", "--no-such-option"], ["completion", "tcsh"],
    ])
    func refusesWithTheStatusOfBadInput(_ arguments: [String]) async {
        #expect(await Program.run(arguments) == .badInput)
    }

    @Test(arguments: [["--version"], ["--help"], ["help", "image", "export"], ["image"], ["run", "--help"]])
    func helpIsNoFailure(_ arguments: [String]) async {
        #expect(await Program.run(arguments) == .success)
    }

    @Test func everyCommandHasAnExample() {
        var pending: [any ParsableCommand.Type] = [Ruche.self]
        while let command = pending.popLast() {
            let configuration = command.configuration
            let children = configuration.groupedSubcommands.flatMap(\.subcommands) + configuration.ungroupedSubcommands
            pending += children
            guard configuration.shouldDisplay else { continue }
            #expect(configuration.discussion.contains("ruche "), "\(command) has no example")
            #expect(!configuration.abstract.isEmpty)
        }
    }
}
