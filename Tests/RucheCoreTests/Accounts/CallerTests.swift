import RucheCore
import Testing

@Suite struct CallerTests {
    private static func owner(_ text: String) throws -> OwnerName { try #require(OwnerName(text)) }

    @Test func rolesGrowByTheirRights() {
        #expect(Role.allCases.map(\.rights.count) == [1, 2, 3, 4])
        for (lower, higher) in zip(Role.allCases, Role.allCases.dropFirst()) {
            #expect(lower.rights.isStrictSubset(of: higher.rights) && lower < higher)
        }
    }

    @Test func aRoleWithOneOwnerIsNoneWithAnother() throws {
        let (lab, other) = (try Self.owner("lab"), try Self.owner("other"))
        let caller = Caller(actor: "ada", user: try Self.owner("ada"), roles: [lab: .runner])
        #expect(caller.may(.run, on: lab) && !caller.may(.publish, on: lab) && !caller.may(.read, on: other))
        #expect(caller.has(.run) && !caller.has(.publish) && !caller.mayOnSite(.read))
        #expect(caller.owners(with: .run) == .only([lab]) && caller.owners(with: .publish) == .only([]))
    }

    @Test func aTokenNeverDoesMoreThanItsUserNorThanItSays() throws {
        let (lab, other) = (try Self.owner("lab"), try Self.owner("other"))
        let scope = TokenScope(rights: [.read, .publish], owner: lab)
        let user = Caller(actor: "ada", roles: [lab: .runner, other: .admin], scope: scope)
        #expect(user.may(.read, on: lab) && !user.may(.publish, on: lab) && !user.may(.read, on: other))
        let admin = Caller(actor: "root", siteRole: .admin, scope: scope)
        #expect(admin.may(.publish, on: lab) && !admin.may(.run, on: lab) && !admin.mayOnSite(.read))
        #expect(admin.owners(with: .read) == .only([lab]) && admin.owner == lab)
    }

    @Test func whoMayNotReadIsToldThatItIsNotThere() throws {
        let (lab, other) = (try Self.owner("lab"), try Self.owner("other"))
        let caller = Caller(actor: "ada", roles: [lab: .reader])
        let missing = RucheError(.notFound, "there is no job 1")
        let hidden = #expect(throws: RucheError.self) { try caller.require(.run, on: other, else: missing) }
        #expect(hidden?.message == missing.message && hidden?.code == .notFound)
        let refused = #expect(throws: RucheError.self) { try caller.require(.run, on: lab, else: missing) }
        #expect(refused?.code == .forbidden)
        try caller.require(.read, on: lab, else: missing)
    }

    @Test func sharedReleasesAreSeenAndNothingElse() throws {
        let lab = try Self.owner("lab")
        let caller = Caller(actor: "ada", user: try Self.owner("ada"), sharedOwners: [lab])
        #expect(caller.maySeeReleases(of: lab) && !caller.may(.read, on: lab))
        #expect(caller.releaseOwners.contains(lab) && !caller.owners(with: .read).contains(lab))
    }

    @Test func nobodyHasNoRights() throws {
        let lab = try Self.owner("lab")
        for right in Right.allCases {
            #expect(!Caller.anonymous.has(right) && !Caller.anonymous.mayOnSite(right))
            #expect(!Caller.anonymous.may(right, on: lab) && Caller.local.may(right, on: lab))
        }
    }

    @Test(arguments: ["", "API", "api", "a/b", "é", "a b", "-a", "files", String(repeating: "a", count: 65), "a\0b"])
    func whatIsNoOwnerOfEnvironmentsIsNoOwner(_ text: String) { #expect(OwnerName(text) == nil) }

    @Test func someNamesAreForNoAccount() throws {
        #expect(try !Self.owner("local").isFree && Self.owner("lab").isFree)
    }
}
