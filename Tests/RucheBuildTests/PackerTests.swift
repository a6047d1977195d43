import Glibc
import RucheCore
import RucheHost
import Support
import Synchronization
import SystemPackage
import Testing

@testable import RucheBuild

/// What surrounds Packer while it makes a base.
@Suite struct PackerTests {
    private func name() throws -> EnvironmentName { try #require(EnvironmentName("lab/win")) }

    @Test(.enabled(if: geteuid() == 0))
    func downloadsOfABuildThatWasKilledAreNotTaken() async throws {
        try await Scratch.with { folder in
            func scratch(_ number: Int) throws -> PackerScratch {
                try PackerScratch(
                    folder.appending("\(number)"), cache: folder.appending("cache"), for: name(), template: "win",
                    account: .nobody())
            }
            let first = try scratch(1)
            let image = first.downloads.appending("a.iso")
            try AtomicFile.write([1], to: image)
            try first.keepDownloads()
            let second = try scratch(2)
            #expect(FileTree.exists(image))
            // Killed before it came to its end.
            _ = try scratch(3)
            #expect(!FileTree.exists(image))
            let file = try second.write(Array("{}".utf8), as: "variables.json")
            #expect(file == "/tmp/variables.json")
            var status = stat()
            #expect(stat(second.folder.appending("tmp/variables.json").string, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600 && status.st_uid == Command.nobody)
        }
    }

    @Test(.enabled(if: geteuid() == 0))
    func artifactsAreFilesOfTheBuildAlone() async throws {
        try await Scratch.with { folder in
            let scratch = try PackerScratch(
                folder.appending("b"), cache: folder.appending("cache"), for: name(), template: "win",
                account: .nobody())
            let source = scratch.folder.appending("tmp/source/win")
            try FileTree.makeFolder(source)
            for path in [source.appending("disk"), scratch.folder.appending("var-tmp/disk")] {
                try AtomicFile.write([1], to: path)
            }
            for name in ["disk", "./disk", "/tmp/source/win/disk", "/var/tmp/disk"] {
                #expect(try scratch.locate(name).lastComponent == "disk")
            }
            try #require(symlink("/etc/passwd", source.appending("link").string) == 0)
            for name in ["link", "/etc/passwd", "../../../../b", "none", "/tmp/../../../etc/passwd", "."] {
                let error = #expect(throws: RucheError.self) { try scratch.locate(name) }
                #expect(error?.code == .unsupported, "\(name)")
            }
        }
    }

    @Test func secretsAreTheEnvironmentsOwn() async throws {
        try await Scratch.with { folder in
            let file = folder.appending("secrets.json")
            try AtomicFile.write(
                Array(#"{"lab/win": {"a": "one"}, "lab/other": {"b": "two"}}"#.utf8), to: file,
                permissions: [.ownerReadWrite])
            let secrets = PackerSecrets(file)
            #expect(try secrets.values(of: ["a"], for: name()) == ["a": "one"])
            #expect(try secrets.values(of: [], for: name()).isEmpty)
            #expect(throws: RucheError.self) { try secrets.values(of: ["b"], for: name()) }
            #expect(throws: RucheError.self) { try PackerSecrets(nil).values(of: ["a"], for: name()) }
            try FileTree.setMode(file, 0o644)
            let error = #expect(throws: RucheError.self) { try secrets.values(of: ["a"], for: name()) }
            #expect(error?.code == .notPermitted)
        }
    }

    @Test func logHasNoSecretsAndNothingForPrograms() {
        let lines = Mutex<[String]>([])
        let log = PackerLog(hiding: ["abc", "correct horse", "correct"]) { line in
            lines.withLock { $0.append(line.text) }
        }
        for text in [
            "1600000000,,ui,say,==> qemu: typing correct horse\\nand correct abc", "1600000000,,error-count,1",
            "1600000000,qemu,artifact,0,file,0,out/disk", "1600000000,,ui,error,==> Builds finished but no artifacts",
        ] {
            log.take(OutputLine(stream: .stdout, text: text))
        }
        #expect(lines.withLock { $0.prefix(2) } == ["==> qemu: typing ***", "and *** abc"])
        #expect(log.last(1) == ["and *** abc"])
        #expect(log.output.files == ["out/disk"])
    }

    @Test func whatPackerRefusesHasThePlaceOfItsBuilder() throws {
        let text = "{\"builders\": [\n{\"type\": \"file\", \"name\": \"one\"},\n{\"type\": \"qemu\"}]}"
        let template = try #require(PackerTemplate.read(text, file: "t.json").template)
        let said = """
            Warning: Warning when preparing build: "qemu"

            A checksum of 'none' was specified.

            Error: Failed to prepare build: "one"

            1 error(s) occurred:

            * target required

            Error: Failed to prepare build: "qemu"

            1 error occurred:
            \t* unknown configuration key: '"foo"'

            """
        let problems = PackerValidation.problems(in: said, template, "t.json")
        #expect(
            problems.map(\.description) == [
                "t.json:2:1: packer validate: Failed to prepare build: \"one\": target required",
                "t.json:3:1: packer validate: Failed to prepare build: \"qemu\": unknown configuration key: '\"foo\"'",
            ])
        #expect(
            PackerValidation.problems(in: "", template, "t.json").map(\.message) == ["packer validate: it says no more"]
        )
    }
}
