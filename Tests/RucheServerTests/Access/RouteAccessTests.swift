import HTTPTypes
import Hummingbird
import HummingbirdTesting
import RucheCore
import RucheServer
import RucheService
import RucheWire
import Support
import Testing

/// Walks every route with every kind of caller; what is expected follows from the route's access alone.
@Suite struct RouteAccessTests {
    private struct Someone: Sendable {
        var label: String
        var token: String?
        /// Nil for who is not let in.
        var caller: Caller?
    }

    private struct Site: Sendable {
        let fixture: JobFixture
        let routes: [Route]
        let harness: RouterHarness
        let people: [Someone]
        let lab: OwnerName
    }

    @Test func everyRouteAsksForItsRight() async throws {
        try await with { site in
            for route in site.routes where route.access != .anyone {
                let job = try await Self.job(site)
                for someone in site.people {
                    let path = Self.path(route, job)
                    let status = try await Self.call(site, route, path, someone)
                    let expected = Self.expected(route, someone, site.lab)
                    let isFine = expected.map { status == $0 } ?? (status != 401 && status < 500)
                    #expect(
                        isFine, "\(route.method) \(route.path) as \(someone.label): \(status), not \(expected ?? 0)")
                }
            }
        }
    }

    @Test func nothingOfTheApiIsOpenButWhatTellsNothing() async throws {
        try await with { site in
            let open = site.routes.filter { $0.access == .anyone }.map { "\($0.method.rawValue) \($0.path)" }
            #expect(
                Set(open).isSubset(of: [
                    "GET /api", "GET /api/v1/openapi.json", "POST /api/v1/session", "POST /api/v1/setup",
                    "GET /metrics",
                    "OPTIONS /api/v1/uploads", "OPTIONS /api/v1/uploads/{id}",
                ]))
        }
    }

    @Test func listsShowOnlyWhatOneMayRead() async throws {
        try await with { site in
            _ = try await Self.job(site)
            for someone in site.people {
                guard let caller = someone.caller, caller.has(.read) else { continue }
                let headers = Self.headers(someone)
                let jobs = try await site.harness.call(.get, "/api/v1/jobs", headers: headers)
                let page = try JSONCoding.decode(Page<JobSummaryDocument>.self, from: jobs.body)
                #expect(page.items.isEmpty != caller.may(.read, on: site.lab), "\(someone.label)")
                let events = try await site.harness.call(.get, "/api/v1/events?limit=1000", headers: headers)
                let seen = try JSONCoding.decode(Page<EventDocument>.self, from: events.body).items
                if !caller.mayOnSite(.read) {
                    #expect(seen.allSatisfy { $0.owner.map { caller.may(.read, on: $0) } ?? false }, "\(someone.label)")
                }
            }
        }
    }

    /// The status that must come; nil for whatever is no refusal to let in.
    private static func expected(_ route: Route, _ someone: Someone, _ lab: OwnerName) -> Int? {
        if route.access == .jobToken { return 401 }
        guard let caller = someone.caller else {
            // Who shows nothing sees what is for everybody, and the lab shows nothing to everybody.
            guard someone.token == nil else { return 401 }
            return route.access == .visitor ? nil : route.access == .environment ? 404 : 401
        }
        switch route.access {
        case .anyone, .visitor, .jobToken, .caller: return nil
        case .environment: return caller.maySeeReleases(of: lab) ? nil : 404
        case .site(let right): return caller.mayOnSite(right) ? nil : 403
        case .right(let right):
            guard caller.has(right) else { return 403 }
            let isOfLab = route.path.contains("{owner}") || route.path.hasPrefix("/api/v1/jobs/{id}")
            guard isOfLab, !caller.may(right, on: lab) else { return nil }
            return caller.may(.read, on: lab) ? 403 : 404
        }
    }

    private static func job(_ site: Site) async throws -> Identifier {
        var submission = JobSubmission(release: "lab/test")
        submission.owner = site.lab
        return try await site.fixture.jobs.submit(submission).id
    }

    private static func path(_ route: Route, _ job: Identifier) -> String {
        "/"
            + PathTemplate(route.path).segments.map { segment in
                switch segment {
                case .literal(let text): text
                case .prefixed(let prefix, let name): "\(prefix)no-\(name)"
                case .capture("owner"): "lab"
                case .capture("id"): "\(job)"
                case .capture(let name): "no-\(name)"
                case .rest: "no/such/file"
                }
            }.joined(separator: "/")
    }

    private static func headers(_ someone: Someone) -> HTTPFields {
        someone.token.map { [.authorization: "Bearer \($0)"] } ?? [:]
    }

    private static func call(_ site: Site, _ route: Route, _ path: String, _ someone: Someone) async throws -> Int {
        let body = route.method == .get ? nil : "{}"
        return try await site.harness.call(route.method, path, headers: headers(someone), body: body).status.code
    }

    private func with(_ body: @Sendable (Site) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let clock = SetClock()
            let fixture = try await JobFixture(folder, clock: clock)
            let accounts = fixture.accounts
            let lab = try #require(OwnerName("lab"))
            let other = try #require(OwnerName("other"))
            for owner in [lab, other] { _ = try await accounts.addOrganisation(owner) }
            let routes = try APIFixture.routes() + fixture.routes + fixture.accountRoutes
            let responder = APIResponder(
                routes: routes, kind: .network(HostPolicy(names: [])), token: nil, accounts: accounts,
                owned: [.jobs(fixture.jobs), .instances(fixture.instances)])
            let people =
                try await Self.people(accounts, lab, other) + Self.ended(accounts, clock)
                + Self.narrowed(accounts, lab)
            try await body(
                Site(
                    fixture: fixture, routes: routes, harness: RouterHarness(responder: responder), people: people,
                    lab: lab))
        }
    }

    private static func people(
        _ accounts: AccountService, _ lab: OwnerName, _ other: OwnerName
    ) async throws -> [Someone] {
        var people = [
            Someone(label: "nobody"), Someone(label: "a bad token", token: "ruche_0123"),
            Someone(label: "no token at all", token: "\u{7f}%"),
        ]
        for owner in [lab, other] {
            for role in Role.allCases {
                let name = try #require(OwnerName("\(owner)-\(role.rawValue)"))
                _ = try await accounts.addUser(name)
                try await accounts.setRole(role, of: name, with: owner)
                people.append(try await someone("the \(role.rawValue) of \(owner)", name, accounts))
            }
        }
        for role in Role.allCases {
            let name = try #require(OwnerName("site-\(role.rawValue)"))
            _ = try await accounts.addUser(name, siteRole: role)
            people.append(try await someone("the \(role.rawValue) of the site", name, accounts))
        }
        let admin = try #require(OwnerName("lab-admin"))
        for scope in [
            TokenScope(rights: [.read], owner: lab), TokenScope(rights: [.run]),
            TokenScope(rights: [.publish], owner: other),
        ] { people.append(try await someone("a token for \(scope)", admin, accounts, scope)) }
        let gone = try #require(OwnerName("gone"))
        _ = try await accounts.addUser(gone, siteRole: .admin)
        people.append(try await someone("somebody disabled", gone, accounts))
        _ = try await accounts.changeUser(gone, isDisabled: true)
        people[people.count - 1].caller = nil
        return people
    }

    /// Tokens of an administrator that held once.
    private static func ended(_ accounts: AccountService, _ clock: SetClock) async throws -> [Someone] {
        let name = try #require(OwnerName("once"))
        _ = try await accounts.addUser(name, siteRole: .admin)
        let (_, expired) = try await accounts.addToken(
            of: name, name: "short", scope: .everything, expiresAt: clock.milliseconds + 3_600_000, by: .local)
        let (revoked, text) = try await accounts.addToken(
            of: name, name: "back", scope: .everything, expiresAt: nil, by: .local)
        for token in [expired, text] {
            #expect(try await accounts.caller(token: token)?.mayOnSite(.administer) == true)
        }
        clock.forward(milliseconds: 3_600_001)
        try await accounts.revokeToken(revoked.id, of: name)
        return [Someone(label: "an expired token", token: expired), Someone(label: "a revoked token", token: text)]
    }

    /// Tokens that may do less than the administrator of the site whose they are.
    private static func narrowed(_ accounts: AccountService, _ lab: OwnerName) async throws -> [Someone] {
        let admin = try #require(OwnerName("site-admin"))
        var people: [Someone] = []
        for scope in [
            TokenScope(rights: [.read]), TokenScope(rights: [.read, .run], owner: lab),
            TokenScope(rights: [.administer], owner: lab),
        ] { people.append(try await someone("the site's admin with a token for \(scope)", admin, accounts, scope)) }
        return people
    }

    private static func someone(
        _ label: String, _ user: OwnerName, _ accounts: AccountService, _ scope: TokenScope = .everything
    ) async throws -> Someone {
        let (_, text) = try await accounts.addToken(of: user, name: "t", scope: scope, expiresAt: nil, by: .local)
        return Someone(label: label, token: text, caller: try await accounts.caller(token: text))
    }
}
