import RucheCore
import RucheServer
import RucheService
import Support
import Testing

/// Streams of events whose reader loses what let them in.
@Suite struct StreamStandingTests {
    private struct Site: Sendable {
        let accounts: AccountService
        let events: DatabaseEventLog
        let port: Int
        let ada: OwnerName
        let lab: OwnerName

        func ask(_ header: String) throws -> RawConnection {
            let client = try RawConnection(port: port)
            try client.send("GET /api/v1/events?follow HTTP/1.1\r\nHost: localhost\r\n\(header)\r\n\r\n")
            return client
        }

        /// A stream that is open: its first bytes have come.
        func follow(_ header: String) async throws -> RawConnection {
            let client = try ask(header)
            // One event that ada may see, so that the stream is past its beginning.
            try await events.append([EventDraft(subject: "s", kind: "a.mark", data: .null, owner: ada)])
            #expect(try await client.read(until: "event: a.mark").contains("200 OK"))
            return client
        }

        func token(_ life: Int64? = nil) async throws -> (token: TokenAccount, header: String) {
            let (token, text) = try await accounts.addToken(
                of: ada, name: "t", scope: .everything, expiresAt: life.map { SystemTime.milliseconds() + $0 },
                by: .local)
            return (token, "Authorization: Bearer \(text)")
        }
    }

    private func with(_ body: @escaping @Sendable (Site) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let fixture = try await JobFixture(folder)
            let (ada, lab) = (try #require(OwnerName("ada")), try #require(OwnerName("lab")))
            _ = try await fixture.accounts.addUser(ada, password: "correct horse 7")
            _ = try await fixture.accounts.addOrganisation(lab)
            try await fixture.accounts.setRole(.reader, of: ada, with: lab)
            try await ServedRoutes.with(fixture.routes) {
                $0.accounts = fixture.accounts
            } _: { addresses in
                try await body(
                    Site(
                        accounts: fixture.accounts, events: fixture.events,
                        port: try #require(addresses.network?.port), ada: ada, lab: lab))
            }
        }
    }

    /// Reads to the end, which must not come before `expected` (milliseconds since 1970), and long before the next sign
    /// of life of a stream would.
    private func expectEnd(
        _ client: RawConnection, _ code: String, at expected: Int64 = SystemTime.milliseconds()
    ) async throws {
        let rest = try await client.read(until: "\r\n0\r\n")
        let late = SystemTime.milliseconds() - expected
        client.close()
        #expect(rest.contains("event: error") && rest.contains(code), "\(rest)")
        #expect((0..<5000).contains(late), "\(late) ms after it was due")
    }

    @Test func aRevokedTokenEndsItsStream() async throws {
        try await with { site in
            let (token, header) = try await site.token()
            let client = try await site.follow(header)
            let other = try await site.follow(try await site.token().header)
            try await site.accounts.revokeToken(token.id, of: site.ada)
            try await expectEnd(client, "unauthorized")
            try await site.events.append([EventDraft(subject: "s", kind: "a.later", data: .null, owner: site.ada)])
            #expect(try await !other.read(until: "event: a.later").contains("event: error"))
            other.close()
        }
    }

    @Test func aTokenThatExpiresEndsItsStreamThen() async throws {
        try await with { site in
            // On a machine that stalls, a token may end before its stream begins: then the next one is tried.
            for _ in 0..<5 {
                let (token, header) = try await site.token(5000)
                let client = try site.ask(header)
                guard try await client.read(until: "\r\n\r\n").contains("200 OK") else {
                    client.close()
                    continue
                }
                return try await expectEnd(client, "unauthorized", at: try #require(token.expiresAt))
            }
            Issue.record("no token lived until its stream began")
        }
    }

    @Test func aSessionThatIsLoggedOutEndsItsStream() async throws {
        try await with { site in
            let session = try await site.accounts.logIn("ada", password: "correct horse 7", address: "a")
            let client = try await site.follow("Cookie: ruche-session=\(session.secret)")
            try await site.accounts.logOut(session: session.secret, of: site.ada)
            try await expectEnd(client, "unauthorized")
        }
    }

    @Test func whoIsRemovedOrDisabledReadsNoMore() async throws {
        try await with { site in
            let client = try await site.follow(try await site.token().header)
            _ = try await site.accounts.changeUser(site.ada, isDisabled: true)
            try await expectEnd(client, "unauthorized")
            _ = try await site.accounts.changeUser(site.ada, isDisabled: false)
            let again = try await site.follow(try await site.token().header)
            try await site.accounts.removeUser(site.ada)
            try await expectEnd(again, "unauthorized")
        }
    }

    @Test func aRoleThatIsTakenBackEndsTheStreamAndAnotherOneDoesNot() async throws {
        try await with { site in
            let client = try await site.follow(try await site.token().header)
            try await site.accounts.setRole(.runner, of: site.ada, with: site.lab)
            try await site.events.append([EventDraft(subject: "s", kind: "a.seen", data: .null, owner: site.lab)])
            #expect(try await !client.read(until: "event: a.seen").contains("event: error"))
            try await site.accounts.removeMember(site.ada, of: site.lab)
            try await site.events.append([EventDraft(subject: "s", kind: "a.secret", data: .null, owner: site.lab)])
            let start = ContinuousClock.now
            let rest = try await client.read(until: "\r\n0\r\n")
            client.close()
            #expect(rest.contains("forbidden") && !rest.contains("a.secret"), "\(rest)")
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }
}
