import Foundation
import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// Requests that a program makes up from the server's own description, with a valid token.
@Suite struct SchemathesisTests {
    private static let package = "schemathesis>=4,<5"

    @Test func nothingThatFitsOrBreaksTheDescriptionMakesTheServerFail() async throws {
        try await RucheFixture.with { fixture in
            guard let tool = try await install(fixture) else { return Self.lacking() }
            let served = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:0")
            do {
                try await eventually(within: .seconds(10), "the address is told") {
                    try served.log().contains("token file")
                }
                let address = try #require(
                    served.log().split(separator: "\n").first { $0.hasPrefix("address") }?
                        .split(separator: " ").last)
                let token = String(
                    decoding: try AtomicFile.read(fixture.data.appending("token")), as: UTF8.self
                ).filter { !$0.isWhitespace }
                let result = try await fixture.runner.run(
                    Command(
                        tool,
                        [
                            "run", "\(address)/api/v1/openapi.json", "-H", "Authorization: Bearer \(token)", "--seed",
                            "1", "--max-examples", "8", "--checks", "not_a_server_error", "--phases",
                            "coverage,fuzzing", "--workers", "2", "--request-timeout", "5", "--no-shrink",
                            "--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off",
                            "--no-color",
                            "--generation-database", "none", "--max-time", "60",
                        ], environment: ["HOME": fixture.folder.string, "PATH": "/usr/bin:/bin"],
                        workingDirectory: fixture.folder), onLine: nil)
                let report = result.output.split(separator: "\n").suffix(80).joined(separator: "\n")
                #expect(!result.output.contains("Server error"), "\(report)")
                #expect(result.output.contains("Test cases:"), "\(report) \(result.errorTail)")
                #expect(try await fixture.curl("/api").contains("v1"), "it is still there")
                try await served.end()
            } catch {
                try? await served.end(SIGKILL)  // the first error is the one to report
                throw error
            }
        }
    }

    /// A person's machine may be off the network; where the project is checked nothing may be left out.
    private static func lacking() {
        guard ProcessInfo.processInfo.environment["CI"] == "true" else { return }
        Issue.record("schemathesis could not be installed: the package index can't be reached")
    }

    /// The program in an environment of its own; nil where no package index can be reached.
    private func install(_ fixture: RucheFixture) async throws -> String? {
        let folder = fixture.folder.appending("venv")
        let made = try await fixture.runner.run(Command("python3", ["-m", "venv", folder.string]), onLine: nil)
        guard made.status.isSuccess else { return nil }
        let installed = try await fixture.runner.run(
            Command(folder.appending("bin/pip").string, ["install", "--quiet", Self.package]), onLine: nil)
        return installed.status.isSuccess ? folder.appending("bin/schemathesis").string : nil
    }
}
