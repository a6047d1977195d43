import Foundation
import Glibc
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Logs that are followed over the network by who loses the right to read them meanwhile.
@Suite struct FollowedLogTests {
    private struct Token: Decodable {
        var id: String
    }

    @Test func aLogEndsForWhoseTokenIsRevoked() async throws {
        try await NetworkSite.with { site in
            let fixture = site.fixture
            let release = try await fixture.buildBusybox(
                job: "while ! test -e /pipeline/outputs/go; do echo tick; sleep 0.1; done")
            let id = try await fixture.ruche("run", release, "--detach", "--quiet").output.filter { !$0.isWhitespace }
            try await eventually(within: .seconds(30), "it runs") { try await fixture.job(id).state == .running }
            try await fixture.ruche("user", "add", "ada", "--site-role", "admin", "--no-password")
            func token(_ name: String) async throws -> String {
                try await fixture.ruche("token", "new", name, "--user", "ada").output.filter { !$0.isWhitespace }
            }
            async let lost = follow(site, id, try await token("lost"))
            async let kept = follow(site, id, try await token("kept"))
            try await Task.sleep(for: .seconds(2))
            let tokens = try await fixture.ruche("token", "list", "--json").output
            let tokenID =
                try #require(
                    try JSONSerialization.jsonObject(with: Data(tokens.utf8)) as? [[String: Any]]
                ).first { $0["name"] as? String == "lost" }?["id"] as? String
            let begin = ContinuousClock.now
            try await fixture.ruche("token", "revoke", try #require(tokenID))
            let cut = try await lost
            #expect(ContinuousClock.now - begin < .seconds(8))
            // curl's number of an answer that was broken off: nobody takes it for the whole.
            #expect(cut.status == .exited(18) && cut.output.contains("tick"), "\(cut)")

            try AtomicFile.write([], to: fixture.data.appending("jobs/\(id)/outputs/go"))
            let whole = try await kept
            #expect(whole.status == .exited(0) && whole.output.contains("tick"), "\(whole)")
            try await eventually(within: .seconds(30), "it ends") { try await fixture.job(id).state == .succeeded }
        }
    }

    private func follow(_ site: NetworkSite, _ id: String, _ token: String) async throws -> CommandResult {
        let header = try site.fixture.write("header-\(UUID())", "Authorization: Bearer \(token)\n")
        let command = Command(
            "curl", ["-sSN", "-H", "@\(header)", "\(site.address)/api/v1/jobs/\(id)/logs?follow"],
            environment: ["HOME": site.fixture.folder.string])
        return try await site.fixture.runner.run(command, onLine: nil)
    }
}
