import Glibc
import RucheCore
import RucheHost
import RucheService
import RucheStore
import Support
import SystemPackage
import Testing

@Suite struct SetupTests {
    private static let password = "correct horse 7"

    private struct Site: Sendable {
        let accounts: AccountService
        let events: DatabaseEventLog
        let file: FilePath
        let ada: OwnerName

        func setUp(_ code: String, password: String = SetupTests.password, address: String = "a") async throws {
            _ = try await accounts.setUp(ada, password: password, code: code, address: address)
        }
    }

    private func with(_ body: @Sendable (Site) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
            let events = DatabaseEventLog(database: database)
            var policy = AccountPolicy()
            policy.scryptRounds = 16
            try await body(
                Site(
                    accounts: AccountService(database: database, events: events, policy: policy), events: events,
                    file: folder.appending("setup-code"), ada: try #require(OwnerName("ada"))))
        }
    }

    private func refused(_ site: Site, _ code: String, _ address: String = "a") async -> ErrorCode? {
        await #expect(throws: RucheError.self) { try await site.setUp(code, address: address) }?.code
    }

    @Test func theCodeMakesOneAdministratorAndThenThereIsNothing() async throws {
        try await with { site in
            let code = try #require(try await site.accounts.openSetup(site.file))
            var status = stat()
            #expect(stat(site.file.string, &status) == 0 && status.st_mode & 0o777 == 0o600)
            let written = String(decoding: try AtomicFile.read(site.file), as: UTF8.self)
            #expect(written == code + "\n" && code.utf8.count == 64)
            try await site.setUp(code)
            #expect(try await site.accounts.user(site.ada).siteRole == .admin)
            _ = try await site.accounts.logIn("ada", password: Self.password, address: "a")
            #expect(!FileTree.exists(site.file))
            #expect(await refused(site, code) == .notFound)
            #expect(try await site.accounts.openSetup(site.file) == nil)
            let text = "\(try await site.events.events(after: 0, subject: nil, limit: 100))"
            #expect(text.contains("account.created") && !text.contains(code) && !text.contains(Self.password))
        }
    }

    @Test func badPasswordsAndOldCodesMakeNobody() async throws {
        try await with { site in
            let old = try #require(try await site.accounts.openSetup(site.file))
            let code = try #require(try await site.accounts.openSetup(site.file))
            #expect(await refused(site, old) == .unauthorized)
            let error = await #expect(throws: RucheError.self) { try await site.setUp(code, password: "short") }
            #expect(error?.code == .invalidInput)
            try await site.setUp(code)
        }
    }

    @Test func guessesAreThrottledByAddressAndHoldNobodyElseUp() async throws {
        try await with { site in
            let code = try #require(try await site.accounts.openSetup(site.file))
            for _ in 0..<5 { #expect(await refused(site, "0123") == .unauthorized) }
            #expect(await refused(site, code) == .tooManyRequests)
            try await site.setUp(code, address: "b")
        }
    }

    @Test func nothingIsThereWithoutACodeOrWithAnAdministrator() async throws {
        try await with { site in
            #expect(await refused(site, "") == .notFound)
            let code = try #require(try await site.accounts.openSetup(site.file))
            let root = try #require(OwnerName("root"))
            _ = try await site.accounts.addUser(root, siteRole: .admin)
            #expect(await refused(site, code) == .notFound)
            #expect(!FileTree.exists(site.file))
            // Not even when that one is away again: the next start makes a new code.
            _ = try await site.accounts.changeUser(root, isDisabled: true)
            #expect(await refused(site, code) == .notFound)
        }
    }

    @Test func ofTwoAtOnceOneIsMade() async throws {
        try await with { site in
            let code = try #require(try await site.accounts.openSetup(site.file))
            let made = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        guard let name = OwnerName("user\(number)") else { return false }
                        let user = try? await site.accounts.setUp(
                            name, password: Self.password, code: code, address: "a")
                        return user != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 1)
            let admins = try await site.accounts.users(after: nil, limit: 100).filter { $0.siteRole == .admin }
            #expect(admins.count == 1)
        }
    }
}
