import RucheCore

extension Schemas {
    private static let role = SchemaBuilder.choice(Role.allCases.map(\.rawValue))
    private static let rights = SchemaBuilder.array(SchemaBuilder.choice(Right.allCases.map(\.rawValue)))

    static let accounts: [String: JSONValue] = [
        "UserDocument": SchemaBuilder.object(
            "Somebody with an account.",
            [
                "name": SchemaBuilder.string, "displayName": SchemaBuilder.string, "disabled": SchemaBuilder.boolean,
                "roles": SchemaBuilder.map(role), "createdAt": SchemaBuilder.milliseconds,
            ], optional: ["siteRole": role]),
        "UserRequest": SchemaBuilder.object(
            "A user to be made.", ["name": SchemaBuilder.string],
            optional: [
                "displayName": SchemaBuilder.string, "siteRole": role, "password": SchemaBuilder.string,
            ]),
        "UserChange": SchemaBuilder.object(
            "What is given changes.", [:],
            optional: [
                "displayName": SchemaBuilder.string, "disabled": SchemaBuilder.boolean,
                "siteRole": SchemaBuilder.choice(Role.allCases.map(\.rawValue) + ["none"]),
            ]),
        "PasswordRequest": SchemaBuilder.object(
            "A new password, and for oneself the one until now.", ["password": SchemaBuilder.string],
            optional: ["current": SchemaBuilder.string]),
        "OwnerDocument": SchemaBuilder.object(
            "A person or an organisation that owns things.",
            [
                "name": SchemaBuilder.string, "kind": SchemaBuilder.choice(["person", "organisation"]),
                "displayName": SchemaBuilder.string, "sharesReleases": SchemaBuilder.boolean,
                "createdAt": SchemaBuilder.milliseconds,
            ]),
        "OwnerRequest": SchemaBuilder.object(
            "An organisation to be made.", ["name": SchemaBuilder.string],
            optional: ["displayName": SchemaBuilder.string, "sharesReleases": SchemaBuilder.boolean]),
        "OwnerChange": SchemaBuilder.object(
            "What is given changes.", [:],
            optional: ["displayName": SchemaBuilder.string, "sharesReleases": SchemaBuilder.boolean]),
        "MemberDocument": SchemaBuilder.object(
            "Who has which role.", ["user": SchemaBuilder.string, "role": role]),
        "RoleDocument": SchemaBuilder.object("A role to give.", ["role": role]),
        "TokenRequest": SchemaBuilder.object(
            "A token to be made.", ["name": SchemaBuilder.string, "rights": rights],
            optional: [
                "owner": SchemaBuilder.string, "expiresAt": SchemaBuilder.milliseconds, "user": SchemaBuilder.string,
            ]),
        "TokenDocument": SchemaBuilder.object(
            "A token; its text is in the answer to its making only.",
            [
                "id": SchemaBuilder.identifier, "user": SchemaBuilder.string, "name": SchemaBuilder.string,
                "rights": rights, "createdAt": SchemaBuilder.milliseconds,
            ],
            optional: [
                "owner": SchemaBuilder.string, "expiresAt": SchemaBuilder.milliseconds,
                "usedAt": SchemaBuilder.milliseconds, "token": SchemaBuilder.string,
            ]),
        "LoginRequest": SchemaBuilder.object(
            "Who logs in.", ["user": SchemaBuilder.string, "password": SchemaBuilder.string]),
        "SetupRequest": SchemaBuilder.object(
            "The first administrator to be made.",
            ["code": SchemaBuilder.string, "name": SchemaBuilder.string, "password": SchemaBuilder.string],
            optional: ["displayName": SchemaBuilder.string]),
        "MeDocument": SchemaBuilder.object(
            "Who asks, and what they may do.",
            ["actor": SchemaBuilder.string, "roles": SchemaBuilder.map(role), "rights": rights],
            optional: [
                "user": SchemaBuilder.string, "siteRole": role, "owner": SchemaBuilder.string,
                "csrf": SchemaBuilder.string,
            ]),
    ]
}
