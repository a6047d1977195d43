import RucheCore
import RucheService
import RucheStore
import Support
import Synchronization
import SystemPackage
import Testing

@Suite struct AccountServiceTests {
    private static let password = "correct horse 7"

    /// A clock that stands still until it is moved.
    private final class Clock: Sendable {
        private let time = Mutex<Int64>(1_800_000_000_000)
        var now: Int64 { time.withLock { $0 } }
        func pass(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
    }

    private struct Site: Sendable {
        let accounts: AccountService
        let events: DatabaseEventLog
        let clock: Clock
        let ada: OwnerName
    }

    private func with(_ body: @Sendable (Site) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
            let clock = Clock()
            let events = DatabaseEventLog(database: database) { clock.now }
            var policy = AccountPolicy()
            policy.scryptRounds = 16
            let accounts = AccountService(database: database, events: events, policy: policy) { clock.now }
            let ada = try #require(OwnerName("ada"))
            _ = try await accounts.addUser(ada, password: Self.password)
            try await body(Site(accounts: accounts, events: events, clock: clock, ada: ada))
        }
    }

    private func refused(_ site: Site, _ name: String, _ password: String, _ address: String = "a") async -> RucheError?
    {
        await #expect(throws: RucheError.self) {
            try await site.accounts.logIn(name, password: password, address: address)
        }
    }

    @Test func aPasswordLetsItsUserInAndNothingElseDoes() async throws {
        try await with { site in
            let session = try await site.accounts.logIn("ada", password: Self.password, address: "a")
            let (caller, csrf) = try #require(try await site.accounts.caller(session: session.secret))
            #expect(caller.user == site.ada && csrf == session.csrf && caller.may(.administer, on: site.ada))
            #expect(try await site.accounts.caller(session: session.csrf) == nil)
            let wrong = await refused(site, "ada", "wrong password")
            let unknown = await refused(site, "bob", Self.password)
            #expect(wrong?.code == .unauthorized && wrong?.message == unknown?.message)
        }
    }

    @Test func sessionsEndWhenIdleAndAtTheirAge() async throws {
        try await with { site in
            let policy = AccountPolicy()
            let idle = try await site.accounts.logIn("ada", password: Self.password, address: "a").secret
            site.clock.pass(policy.sessionIdle + 1)
            #expect(try await site.accounts.caller(session: idle) == nil)
            let used = try await site.accounts.logIn("ada", password: Self.password, address: "a").secret
            var age: Int64 = 0
            while age + policy.sessionIdle / 2 < policy.sessionLife {
                site.clock.pass(policy.sessionIdle / 2)
                age += policy.sessionIdle / 2
                #expect(try await site.accounts.caller(session: used) != nil)
            }
            site.clock.pass(policy.sessionIdle / 2 + 1)
            #expect(try await site.accounts.caller(session: used) == nil)
        }
    }

    @Test func failuresMakeEverybodyOfThatNameWait() async throws {
        try await with { site in
            for number in 0..<5 { #expect(await refused(site, "ada", "wrong", "a\(number)")?.code == .unauthorized) }
            let waiting = await refused(site, "ada", Self.password, "elsewhere")
            #expect(waiting?.code == .tooManyRequests && waiting?.details[ErrorCode.retryAfter] == "1")
            site.clock.pass(1000)
            #expect(await refused(site, "ada", "wrong")?.code == .unauthorized)
            #expect(await refused(site, "ada", Self.password)?.details[ErrorCode.retryAfter] == "2")
            site.clock.pass(2000)
            _ = try await site.accounts.logIn("ada", password: Self.password, address: "a")
        }
    }

    @Test func aClockThatIsSetBackLocksNobodyOutForLongerThanTheWait() async throws {
        try await with { site in
            for _ in 0..<5 { #expect(await refused(site, "ada", "wrong")?.code == .unauthorized) }
            site.clock.pass(-86_400_000)
            #expect(await refused(site, "ada", Self.password)?.code == .tooManyRequests)
            site.clock.pass(1000)
            _ = try await site.accounts.logIn("ada", password: Self.password, address: "a")
        }
    }

    @Test func anAddressThatTriesManyNamesWaitsToo() async throws {
        try await with { site in
            for number in 0..<30 { #expect(await refused(site, "user\(number)", "wrong")?.code == .unauthorized) }
            #expect(await refused(site, "ada", Self.password)?.code == .tooManyRequests)
            _ = try await site.accounts.logIn("ada", password: Self.password, address: "another")
        }
    }

    @Test func tokensDoWhatTheyWereMadeForUntilTheyExpire() async throws {
        try await with { site in
            let caller = Caller(actor: "ada", user: site.ada, roles: [site.ada: .admin])
            let (token, text) = try await site.accounts.addToken(
                of: site.ada, name: "laptop", scope: TokenScope(rights: [.read]), expiresAt: site.clock.now + 1000,
                by: caller)
            #expect(text.hasPrefix("ruche_"))
            let found = try #require(try await site.accounts.caller(token: text))
            #expect(found.may(.read, on: site.ada) && !found.may(.run, on: site.ada))
            await #expect(throws: RucheError.self) {
                try await site.accounts.addToken(
                    of: site.ada, name: "more", scope: .everything, expiresAt: nil, by: found)
            }
            #expect(try await site.accounts.tokens(of: site.ada, before: nil, limit: 9).map(\.id) == [token.id])
            site.clock.pass(1000)
            #expect(try await site.accounts.caller(token: text) == nil)
        }
    }

    @Test func whoIsDisabledIsOutAtOnce() async throws {
        try await with { site in
            let session = try await site.accounts.logIn("ada", password: Self.password, address: "a").secret
            let (_, text) = try await site.accounts.addToken(
                of: site.ada, name: "t", scope: .everything, expiresAt: nil, by: .local)
            _ = try await site.accounts.changeUser(site.ada, isDisabled: true)
            #expect(try await site.accounts.caller(session: session) == nil)
            #expect(try await site.accounts.caller(token: text) == nil)
            #expect(await refused(site, "ada", Self.password)?.code == .unauthorized)
            _ = try await site.accounts.changeUser(site.ada, isDisabled: false)
            #expect(try await site.accounts.caller(token: text) != nil)
        }
    }

    @Test func revokedTokensAreWorthless() async throws {
        try await with { site in
            let (token, text) = try await site.accounts.addToken(
                of: site.ada, name: "t", scope: .everything, expiresAt: nil, by: .local)
            await #expect(throws: RucheError.self) {
                try await site.accounts.revokeToken(token.id, of: OwnerName("bob"))
            }
            try await site.accounts.revokeToken(token.id, of: site.ada)
            #expect(try await site.accounts.caller(token: text) == nil)
        }
    }

    @Test(arguments: [
        "", "short", "aaaaaaaaaaaaaaa", "my name is ada", "with\u{0}control chars",
        String(repeating: "xyz1", count: 300),
    ])
    func badPasswordsAreRefused(_ password: String) async throws {
        try await with { site in
            let error = await #expect(throws: RucheError.self) {
                try await site.accounts.setPassword(password, of: site.ada)
            }
            #expect(error?.code == .invalidInput)
            _ = try await site.accounts.logIn("ada", password: Self.password, address: "a")
        }
    }

    @Test func namesAreTakenOnceByUsersAndOrganisationsAlike() async throws {
        try await with { site in
            let error = await #expect(throws: RucheError.self) { try await site.accounts.addOrganisation(site.ada) }
            #expect(error?.code == .conflict)
            await #expect(throws: RucheError.self) { try await site.accounts.addUser(.local) }
        }
    }

    @Test func eventsTellWhatHappenedAndHoldNoSecret() async throws {
        try await with { site in
            let session = try await site.accounts.logIn("ada", password: Self.password, address: "a")
            _ = await refused(site, "ada", "a wrong guess")
            let events = try await site.events.events(after: 0, subject: nil, limit: 100)
            #expect(events.map(\.kind) == ["account.created", "session.started", "session.refused"])
            let text = "\(events)"
            #expect(!text.contains(Self.password) && !text.contains(session.secret) && !text.contains("wrong guess"))
        }
    }
}
