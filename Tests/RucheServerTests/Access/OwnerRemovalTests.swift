import Foundation
import HTTPTypes
import HummingbirdTesting
import RucheCore
import RucheServer
import RucheService
import RucheWire
import Support
import Testing

/// Nothing is left behind that nobody owns.
@Suite struct OwnerRemovalTests {
    private func with(_ body: (JobFixture, RouterHarness) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let fixture = try await JobFixture(folder)
            let lab = try #require(OwnerName("lab2"))
            _ = try await fixture.accounts.addOrganisation(lab)
            try await body(fixture, RouterHarness(fixture.routes + fixture.accountRoutes))
        }
    }

    @Test func anOwnerWithAFileIsRefusedUntilItIsGone() async throws {
        try await with { _, harness in
            let made = try await harness.call(.post, "/api/v1/files?name=a.txt&owner=lab2", body: "hello")
            let file = try JSONCoding.decode(FileDocument.self, from: made.body)
            let problem = try await harness.problem(.delete, "/api/v1/owners/lab2")
            #expect(problem.code == .inUse && problem.status == 409)
            #expect(problem.detail.contains("lab2 still owns 1 file:") && problem.details["files"] == "1")
            #expect(try await harness.call(.delete, "/api/v1/files/\(file.id)").status == .noContent)
            #expect(try await harness.call(.delete, "/api/v1/owners/lab2").status == .noContent)
        }
    }

    @Test func anOwnerWithAnUploadIsRefusedUntilItIsEnded() async throws {
        try await with { _, harness in
            let owner = Data("lab2".utf8).base64EncodedString()
            let name = Data("big.bin".utf8).base64EncodedString()
            let made = try await harness.call(
                .post, "/api/v1/uploads",
                headers: [
                    .tusResumable: "1.0.0", .uploadLength: "10", .uploadMetadata: "filename \(name),owner \(owner)",
                ])
            let location = try #require(made.headers[.location])
            let problem = try await harness.problem(.delete, "/api/v1/owners/lab2")
            #expect(problem.code == .inUse && problem.detail.contains("1 upload:"), "\(problem.detail)")
            let ended = try await harness.call(.delete, location, headers: [.tusResumable: "1.0.0"])
            #expect(ended.status == .noContent)
            #expect(try await harness.call(.delete, "/api/v1/owners/lab2").status == .noContent)
        }
    }

    @Test func aUserWithFilesIsRefusedAndToldWhatElseToDo() async throws {
        try await with { fixture, harness in
            _ = try await fixture.accounts.addUser(try #require(OwnerName("ada")))
            for name in ["a", "b"] {
                _ = try await harness.call(.post, "/api/v1/files?name=\(name)&owner=ada", body: name)
            }
            let problem = try await harness.problem(.delete, "/api/v1/users/ada")
            #expect(problem.code == .inUse && problem.detail.contains("2 files") && problem.detail.contains("disable"))
        }
    }

    @Test func tokensAndTheQuotaOfARemovedOwnerAreNotForTheNextOfThatName() async throws {
        try await with { fixture, harness in
            let (ada, lab) = (try #require(OwnerName("ada")), try #require(OwnerName("lab2")))
            _ = try await fixture.accounts.addUser(ada)
            try await fixture.accounts.setRole(.admin, of: ada, with: lab)
            let (_, text) = try await fixture.accounts.addToken(
                of: ada, name: "t", scope: TokenScope(rights: [.read], owner: lab), expiresAt: nil, by: .local)
            _ = try await fixture.files.setQuota(5, of: lab)
            #expect(try await harness.call(.delete, "/api/v1/owners/lab2").status == .noContent)
            #expect(try await fixture.accounts.caller(token: text) == nil)
            _ = try await fixture.accounts.addOrganisation(lab)
            let made = try await harness.call(.post, "/api/v1/files?name=a&owner=lab2", body: "longer than five")
            #expect(made.status == .created, "the quota of the former one")
        }
    }
}
