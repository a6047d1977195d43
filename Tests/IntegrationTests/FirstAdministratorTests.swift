import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// A new site on a network gets its first administrator.
@Suite struct FirstAdministratorTests {
    private func address(_ served: ServedProcess) throws -> String {
        String(try #require(try served.log().firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/)).output)
    }

    /// Runs `ruche setup` with a password on standard input.
    private func setup(_ fixture: RucheFixture, _ name: String, _ server: String, _ code: FilePath) async throws
        -> CommandResult
    {
        try await fixture.runner.run(
            Command(
                "/bin/sh",
                [
                    "-c", "echo 'correct horse 7' | \"$@\"", "sh", RucheFixture.program, "setup", name, "--server",
                    server,
                    "--code-file", code.string, "--password-stdin",
                ], environment: ["HOME": fixture.folder.string, "NO_COLOR": "1"]), onLine: nil)
    }

    @Test func theCodeIsInAPrivateFileAndInNoLogAndWorksOnce() async throws {
        try await RucheFixture.with { fixture in
            let served = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:0")
            let file = fixture.data.appending("setup-code")
            var status = stat()
            #expect(stat(file.string, &status) == 0 && status.st_mode & 0o777 == 0o600)
            let code = String(decoding: try AtomicFile.read(file), as: UTF8.self).filter { !$0.isWhitespace }
            try await eventually(within: .seconds(60), "the file is named") {
                try served.log().contains(file.string)
            }
            #expect(try code.utf8.count == 64 && !served.log().contains(code), "a log is no terminal")

            let server = try address(served)
            let wrong = try fixture.write("wrong", "0123456789abcdef")
            #expect(try await setup(fixture, "eve", server, wrong).status != .exited(0))
            let copy = try fixture.write("code", code)
            let made = try await setup(fixture, "ada", server, copy)
            #expect(made.status == .exited(0) && made.output.contains("ada"), "\(made.output) \(made.errorTail)")
            #expect(!FileTree.exists(file))
            #expect(try await setup(fixture, "eve", server, copy).status == .exited(3))
            let login = try await fixture.tool(
                "curl", "-sS", "-H", "Content-Type: application/json", "-d",
                #"{"user": "ada", "password": "correct horse 7"}"#, "\(server)/api/v1/session")
            #expect(login.contains("\"siteRole\":\"admin\""), "\(login)")
            try await served.end()

            let again = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:0")
            #expect(try !FileTree.exists(file) && !again.log().contains("set-up code"))
            try await again.end()
        }
    }

    @Test func anAdministratorMadeOnTheMachineEndsTheSetup() async throws {
        try await RucheFixture.with { fixture in
            let served = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:0")
            let code = try fixture.write(
                "code", String(decoding: try AtomicFile.read(fixture.data.appending("setup-code")), as: UTF8.self))
            try await fixture.ruche("user", "add", "root-of-lab", "--site-role", "admin", "--no-password")
            #expect(try await setup(fixture, "eve", try address(served), code).status == .exited(3))
            try await served.end()
        }
    }

    @Test func withoutANetworkThereIsNoCode() async throws {
        try await RucheFixture.with { fixture in
            try await ServedProcess.with(fixture) { _ in
                #expect(!FileTree.exists(fixture.data.appending("setup-code")))
            }
        }
    }
}
