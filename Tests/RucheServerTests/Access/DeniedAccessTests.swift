import HTTPTypes
import HummingbirdTesting
import RucheCore
import RucheServer
import RucheService
import RucheWire
import Support
import Testing

/// What administrators see of refusals, and nobody else does.
@Suite struct DeniedAccessTests {
    private struct Site: Sendable {
        let fixture: JobFixture
        let harness: RouterHarness

        func token(_ name: String, siteRole: Role? = nil) async throws -> HTTPFields {
            let user = try #require(OwnerName(name))
            _ = try await fixture.accounts.addUser(user, siteRole: siteRole)
            let (_, text) = try await fixture.accounts.addToken(
                of: user, name: "t", scope: .everything, expiresAt: nil, by: .local)
            return [.authorization: "Bearer \(text)"]
        }

        func denials(_ headers: HTTPFields) async throws -> [EventDocument] {
            let response = try await harness.call(.get, "/api/v1/events?limit=1000", headers: headers)
            return try JSONCoding.decode(Page<EventDocument>.self, from: response.body).items
                .filter { $0.kind == "access.denied" }
        }
    }

    private func with(_ body: @Sendable (Site) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let fixture = try await JobFixture(folder)
            let responder = APIResponder(
                routes: fixture.routes + fixture.accountRoutes, kind: .network(HostPolicy(names: [])), token: nil,
                accounts: fixture.accounts, owned: [.jobs(fixture.jobs)])
            try await body(Site(fixture: fixture, harness: RouterHarness(responder: responder)))
        }
    }

    @Test func aRefusalTellsWhoLackedWhatWhereAndNoSecret() async throws {
        try await with { site in
            let admin = try await site.token("root", siteRole: .admin)
            let eve = try await site.token("eve")
            let job = try await site.fixture.jobs.submit(JobSubmission(release: "lab/test")).id
            let hidden = try await site.harness.call(.get, "/api/v1/jobs/\(job)", headers: eve)
            #expect(hidden.status == .notFound)
            #expect(try await site.harness.call(.get, "/api/v1/users", headers: eve).status == .forbidden)
            let secret = "ruche_thisisnotatokenthatanybodyhas"
            let bad: HTTPFields = [.authorization: "Bearer \(secret)"]
            #expect(try await site.harness.call(.get, "/api/v1/jobs?q=\(secret)", headers: bad).status == .unauthorized)
            // What is simply not there is no refusal.
            let missing = "01hzzzzzzzzzzzzzzzzzzzzzzz"
            #expect(try await site.harness.call(.get, "/api/v1/jobs/\(missing)", headers: eve).status == .notFound)

            let denials = try await site.denials(admin)
            #expect(denials.map(\.actor) == ["eve", "eve", "anonymous"])
            func texts(_ key: String) -> [String?] {
                denials.map { event in
                    guard case .object(let data) = event.data, case .string(let text)? = data[key] else { return nil }
                    return text
                }
            }
            #expect(texts("route") == ["/api/v1/jobs/{id}", "/api/v1/users", "/api/v1/jobs"])
            #expect(texts("right") == ["read", "administer", "read"])
            #expect(texts("owner") == ["local", nil, nil])
            #expect(texts("code") == ["forbidden", "forbidden", "unauthorized"])
            #expect(!"\(denials)".contains("thisisnotatoken"))
        }
    }

    @Test func onlyAdministratorsSeeThem() async throws {
        try await with { site in
            let admin = try await site.token("root", siteRole: .admin)
            let publisher = try await site.token("pub", siteRole: .publisher)
            let eve = try await site.token("eve")
            #expect(try await site.harness.call(.get, "/api/v1/users", headers: eve).status == .forbidden)
            #expect(try await site.denials(admin).count == 1)
            #expect(try await site.denials(publisher).isEmpty)
            #expect(try await site.denials(eve).isEmpty)
        }
    }
}
