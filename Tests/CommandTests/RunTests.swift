import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

@testable import ruche

@Suite struct RunTests {
    @Test func readsPairsAndAFileOfValues() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "rr") { folder in
            let file = folder.appending("values.json")
            try AtomicFile.write(Array(#"{"ploidy": 2, "caller": "a"}"#.utf8), to: file)
            let parameters = try JobParameters(["caller=b=c", "empty=", "caller=d"])
            let values = try parameters.values(file: file) { text, _ in .string(text) }
            #expect(values == ["ploidy": 2, "caller": "d", "empty": ""])
            try AtomicFile.write(Array(#"{"job": {"id": "x"}, "parameters": {"a": 1}}"#.utf8), to: file)
            #expect(try JobParameters([]).values(file: file) { text, _ in .string(text) } == ["a": 1])
            try AtomicFile.write(Array("[1]".utf8), to: file)
            #expect(throws: RucheError.self) { try JobParameters.read(file) }
        }
    }

    @Test(arguments: ["ploidy", "=1", ""])
    func refusesASettingWithoutAKey(_ text: String) {
        #expect(throws: RucheError.self) { try JobParameters([text]) }
    }

    @Test func findsEveryInputThatCantBeUsed() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "rr") { folder in
            try FileTree.makeFolder(folder.appending("d"))
            for name in ["a.fq", "d/a.fq"] { try AtomicFile.write([1], to: folder.appending(name)) }
            let environment = ProcessEnvironment(values: [:], isRoot: false, workingDirectory: folder)
            let error = try #require(throws: RucheError.self) {
                try JobInputs(["a.fq", "missing", "d", "d/a.fq", "/dev/null"], environment)
            }
            #expect(error.problems.map(\.path) == ["input[1]", "input[2]", "input[3]", "input[4]"])
            #expect(try JobInputs(["a.fq"], environment).files == [folder.appending("a.fq")])
        }
    }

    @Test func refusesAnOutputFolderThatIsNotEmptyBeforeAnythingStarts() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "rr") { folder in
            let out = folder.appending("out")
            try FileTree.makeFolder(out)
            try AtomicFile.write([1], to: out.appending("x"))
            let command = try #require(try Ruche.parseAsRoot(["run", "a/b", "--output", "out"]) as? Run)
            let error = try await #require(throws: RucheError.self) {
                try await command.run(try CommandFixture.context(Captured(), folder: folder))
            }
            #expect(error.code == .conflict)
        }
    }

    @Test(arguments: ["../x", "/etc/passwd", "a/../../x", "", "."])
    func refusesAnOutputThatLeadsOutOfTheFolder(_ path: String) {
        #expect(throws: RucheError.self) { try OutputDownload.place(JobFile(path: path, size: 1), in: "/out") }
    }

    @Test func keepsFoldersOfOutputs() throws {
        #expect(try OutputDownload.place(JobFile(path: "a/b.vcf", size: 1), in: "/out") == "/out/a/b.vcf")
    }

    @Test(arguments: [
        (JobExit(reason: .exited, code: 3), "exit code 3", ErrorCode.jobFailed),
        (JobExit(reason: .timedOut), "killed: its time limit was reached", .timedOut),
        (JobExit(reason: .outOfMemory, code: 137), "killed: its memory limit was reached", .jobFailed),
        (JobExit(reason: .signalled, code: 139, signal: 11), "ended by signal 11", .jobFailed),
        (JobExit(reason: .engineFailure, message: "lost"), "lost", .jobFailed),
    ])
    func tellsEndsApart(_ exit: JobExit, _ text: String, _ code: ErrorCode) {
        #expect(exit.summary == text)
        #expect(exit.errorCode == code)
    }
}
