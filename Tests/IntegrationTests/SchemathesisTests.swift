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
            guard let tools = try await PythonEnvironment.make("schemathesis", [Self.package], for: fixture) else {
                return
            }
            let served = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:0")
            do {
                let address = try #require(
                    served.log().split(separator: "\n").first { $0.hasPrefix("address") }?
                        .split(separator: " ").last)
                let token = String(
                    decoding: try AtomicFile.read(fixture.data.appending("token")), as: UTF8.self
                ).filter { !$0.isWhitespace }
                let result = try await fixture.runner.run(
                    Command(
                        tools.program("schemathesis"),
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
}
