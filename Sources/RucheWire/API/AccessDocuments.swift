package import RucheCore

/// `POST /api/v1/tokens`. Times are milliseconds since 1970.
package struct TokenRequest: Codable, Sendable {
    package var name: String
    package var rights: [Right]
    /// Only for things of this owner.
    package var owner: OwnerName?
    package var expiresAt: Int64?
    /// Whose token; only administrators make those of others.
    package var user: OwnerName?
    package init(name: String, rights: [Right]) {
        self.name = name
        self.rights = rights
    }
}

/// `GET /api/v1/tokens`. The token itself is in the answer to its making only.
package struct TokenDocument: Codable, Hashable, Sendable {
    package var id: Identifier
    package var user: OwnerName
    package var name: String
    package var rights: [Right]
    package var owner: OwnerName?
    package var createdAt: Int64
    package var expiresAt: Int64?
    /// To the minute.
    package var usedAt: Int64?
    package var token: String?

    package init(id: Identifier, user: OwnerName, name: String, rights: [Right], createdAt: Int64) {
        self.id = id
        self.user = user
        self.name = name
        self.rights = rights
        self.createdAt = createdAt
    }
}

/// `POST /api/v1/session`.
package struct LoginRequest: Codable, Sendable {
    package var user: String
    package var password: String
    package init(user: String, password: String) {
        self.user = user
        self.password = password
    }
}

/// `POST /api/v1/setup`.
package struct SetupRequest: Codable, Sendable {
    package var code: String
    package var name: OwnerName
    package var displayName: String?
    package var password: String
    package init(code: String, name: OwnerName, password: String) {
        self.code = code
        self.name = name
        self.password = password
    }
}

/// `GET /api/v1/me` and the answers of `/api/v1/session`.
package struct MeDocument: Codable, Hashable, Sendable {
    /// Who is named in events.
    package var actor: String
    package var user: OwnerName?
    package var siteRole: Role?
    /// Roles by owner.
    package var roles: [String: Role]
    /// What the token, or the session, may be used for.
    package var rights: [Right]
    package var owner: OwnerName?
    /// What unsafe requests with the session's cookie must carry as `X-CSRF-Token`.
    package var csrf: String?

    package init(actor: String, roles: [String: Role], rights: [Right]) {
        self.actor = actor
        self.roles = roles
        self.rights = rights
    }
}
