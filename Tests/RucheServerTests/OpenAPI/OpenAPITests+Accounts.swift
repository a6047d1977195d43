import RucheCore
import RucheWire
import Testing

extension OpenAPITests {
    /// Every document of accounts with every member set.
    static func accountSamples() throws -> [(String, any Encodable)] {
        let (ada, lab) = (try #require(OwnerName("ada")), try #require(OwnerName("lab")))
        var user = UserRequest(name: ada)
        (user.displayName, user.siteRole, user.password) = ("Ada", .admin, "p")
        var userChange = UserChange()
        (userChange.displayName, userChange.siteRole, userChange.disabled) = ("Ada", "none", true)
        var owner = OwnerRequest(name: lab)
        (owner.displayName, owner.sharesReleases) = ("Lab", true)
        var ownerChange = OwnerChange()
        (ownerChange.displayName, ownerChange.sharesReleases) = ("Lab", true)
        var setup = SetupRequest(code: "c", name: ada, password: "p")
        setup.displayName = "Ada"
        return [
            ("SetupRequest", setup),
            (
                "UserDocument",
                UserDocument(
                    name: ada, displayName: "Ada", siteRole: .admin, disabled: false, roles: ["lab": .runner],
                    createdAt: 1)
            ),
            ("UserRequest", user), ("UserChange", userChange), ("OwnerRequest", owner), ("OwnerChange", ownerChange),
            ("PasswordRequest", PasswordRequest(password: "p", current: "c")),
            (
                "OwnerDocument",
                OwnerDocument(
                    name: lab, kind: "organisation", displayName: "Lab", sharesReleases: true, createdAt: 1)
            ),
            ("MemberDocument", MemberDocument(user: ada, role: .reader)), ("RoleDocument", RoleDocument(role: .admin)),
            ("LoginRequest", LoginRequest(user: "ada", password: "p")),
        ] + (try accessSamples(ada, lab))
    }

    private static func accessSamples(_ ada: OwnerName, _ lab: OwnerName) throws -> [(String, any Encodable)] {
        var request = TokenRequest(name: "t", rights: [.read])
        (request.owner, request.expiresAt, request.user) = (lab, 1, ada)
        let id = try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz"))
        var token = TokenDocument(id: id, user: ada, name: "t", rights: [.read], createdAt: 1)
        (token.owner, token.expiresAt, token.usedAt, token.token) = (lab, 2, 3, "ruche_1")
        var me = MeDocument(actor: "ada", roles: ["lab": .admin], rights: [.run])
        (me.user, me.siteRole, me.owner, me.csrf) = (ada, .admin, lab, "c")
        return [("TokenRequest", request), ("TokenDocument", token), ("MeDocument", me)]
    }
}
