package import RucheCore

/// `GET /api/v1/users/{user}`. Times are milliseconds since 1970.
package struct UserDocument: Codable, Hashable, Sendable {
    package var name: OwnerName
    package var displayName: String
    package var siteRole: Role?
    package var disabled: Bool
    /// Roles by owner.
    package var roles: [String: Role]
    package var createdAt: Int64

    package init(
        name: OwnerName, displayName: String, siteRole: Role?, disabled: Bool, roles: [String: Role], createdAt: Int64
    ) {
        self.name = name
        self.displayName = displayName
        self.siteRole = siteRole
        self.disabled = disabled
        self.roles = roles
        self.createdAt = createdAt
    }
}

/// `POST /api/v1/users`.
package struct UserRequest: Codable, Sendable {
    package var name: OwnerName
    package var displayName: String?
    package var siteRole: Role?
    package var password: String?
    package init(name: OwnerName) { self.name = name }
}

/// `PATCH /api/v1/users/{user}`: what is given changes. `siteRole` may be `none`.
package struct UserChange: Codable, Sendable {
    package var displayName: String?
    package var siteRole: String?
    package var disabled: Bool?
    package init() {}
}

/// `PUT /api/v1/users/{user}/password`.
package struct PasswordRequest: Codable, Sendable {
    package var password: String
    /// The one until now; not needed by administrators.
    package var current: String?
    package init(password: String, current: String? = nil) {
        self.password = password
        self.current = current
    }
}

/// `GET /api/v1/owners/{owner}`.
package struct OwnerDocument: Codable, Hashable, Sendable {
    package var name: OwnerName
    /// `person` or `organisation`.
    package var kind: String
    package var displayName: String
    /// Whether everybody with an account may read its releases.
    package var sharesReleases: Bool
    package var createdAt: Int64

    package init(name: OwnerName, kind: String, displayName: String, sharesReleases: Bool, createdAt: Int64) {
        self.name = name
        self.kind = kind
        self.displayName = displayName
        self.sharesReleases = sharesReleases
        self.createdAt = createdAt
    }
}

/// `POST /api/v1/owners`: an organisation.
package struct OwnerRequest: Codable, Sendable {
    package var name: OwnerName
    package var displayName: String?
    package var sharesReleases: Bool?
    package init(name: OwnerName) { self.name = name }
}

/// `PATCH /api/v1/owners/{owner}`: what is given changes.
package struct OwnerChange: Codable, Sendable {
    package var displayName: String?
    package var sharesReleases: Bool?
    package init() {}
}

/// `GET /api/v1/owners/{owner}/members`.
package struct MemberDocument: Codable, Hashable, Sendable {
    package var user: OwnerName
    package var role: Role
    package init(user: OwnerName, role: Role) {
        self.user = user
        self.role = role
    }
}

/// `PUT /api/v1/owners/{owner}/members/{user}`.
package struct RoleDocument: Codable, Sendable {
    package var role: Role
    package init(role: Role) { self.role = role }
}
