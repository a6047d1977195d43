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
            try await eventually(within: .seconds(60), "it runs") { try await fixture.job(id).state == .running }
            try await fixture.ruche("user", "add", "ada", "--site-role", "admin", "--no-password")
            func token(_ name: String) async throws -> String {
                try await fixture.ruche("token", "new", name, "--user", "ada").output.filter { !$0.isWhitespace }
            }
            let (lostLog, keptLog) = (fixture.folder.appending("lost.log"), fixture.folder.appending("kept.log"))
            async let lost = follow(site, id, try await token("lost"), to: lostLog)
            async let kept = follow(site, id, try await token("kept"), to: keptLog)
            try await eventually(within: .seconds(60), "both follow") { hasTick(lostLog) && hasTick(keptLog) }
            let tokens = try await fixture.ruche("token", "list", "--json").output
            let tokenID =
                try #require(
                    try JSONSerialization.jsonObject(with: Data(tokens.utf8)) as? [[String: Any]]
                ).first { $0["name"] as? String == "lost" }?["id"] as? String
            let begin = ContinuousClock.now
            try await fixture.ruche("token", "revoke", try #require(tokenID))
            let cut = try await lost
            #expect(ContinuousClock.now - begin < .seconds(60))
            // curl's number of an answer that was broken off: nobody takes it for the whole.
            #expect(cut.status == .exited(18) && hasTick(lostLog), "\(cut)")

            try AtomicFile.write([], to: fixture.data.appending("jobs/\(id)/outputs/go"))
            let whole = try await kept
            #expect(whole.status == .exited(0) && hasTick(keptLog), "\(whole)")
            try await eventually(within: .seconds(60), "it ends") { try await fixture.job(id).state == .succeeded }
        }
    }

    private func hasTick(_ log: FilePath) -> Bool {
        // It is not there before the first line.
        (try? AtomicFile.read(log)).map { String(decoding: $0, as: UTF8.self).contains("tick") } == true
    }

    private func follow(
        _ site: NetworkSite, _ id: String, _ token: String, to log: FilePath
    ) async throws -> CommandResult {
        let header = try site.fixture.write("header-\(UUID())", "Authorization: Bearer \(token)\n")
        let command = Command(
            "curl", ["-sSN", "-o", log.string, "-H", "@\(header)", "\(site.address)/api/v1/jobs/\(id)/logs?follow"],
            environment: ["HOME": site.fixture.folder.string])
        return try await site.fixture.runner.run(command, onLine: nil)
    }
}
