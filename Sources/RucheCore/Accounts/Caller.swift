/// Who asks, and what they may do.
package struct Caller: Hashable, Sendable {
    /// Who is named in events: a user, `local`, `anonymous`.
    package var actor: String
    /// The account; nil for who has none.
    package var user: OwnerName?
    /// The role in everything that is here.
    package var siteRole: Role?
    /// The roles with owners. A user is the admin of the owner of their own name.
    package var roles: [OwnerName: Role]
    package var scope: TokenScope
    /// Owners that show their releases to everybody who has an account.
    package var sharedOwners: Set<OwnerName>

    package init(
        actor: String, user: OwnerName? = nil, siteRole: Role? = nil, roles: [OwnerName: Role] = [:],
        scope: TokenScope = .everything, sharedOwners: Set<OwnerName> = []
    ) {
        self.actor = actor
        self.user = user
        self.siteRole = siteRole
        self.roles = roles
        self.scope = scope
        self.sharedOwners = sharedOwners
    }

    /// Somebody who did not say who they are: no rights at all.
    package static let anonymous = Caller(actor: "anonymous")

    /// The peer of the private socket, and who has the token of the data directory: the site's administrator.
    package static let local = Caller(actor: "local", siteRole: .admin)

    /// The owner of what the caller makes without naming one.
    package var owner: OwnerName { scope.owner ?? user ?? .local }

    package func may(_ right: Right, on owner: OwnerName) -> Bool {
        guard scope.allows(right, on: owner) else { return false }
        return siteRole?.rights.contains(right) == true || roles[owner]?.rights.contains(right) == true
    }

    /// Whether the caller has a right to the whole site: a token for one owner has none.
    package func mayOnSite(_ right: Right) -> Bool {
        scope.owner == nil && scope.rights.contains(right) && siteRole?.rights.contains(right) == true
    }

    /// Whether there is any owner to whose things the caller has this right.
    package func has(_ right: Right) -> Bool {
        guard scope.rights.contains(right) else { return false }
        if siteRole?.rights.contains(right) == true { return true }
        return roles.contains { scope.allows(right, on: $0.key) && $0.value.rights.contains(right) }
    }

    /// The owners to whose things the caller has this right.
    package func owners(with right: Right) -> OwnerSelection {
        if mayOnSite(right) { return .all }
        let named = Set(roles.keys).union(scope.owner.map { [$0] } ?? [])
        return .only(named.filter { may(right, on: $0) })
    }

    /// Whether the caller may read releases of an owner: with the right to, or because the owner shows them.
    package func maySeeReleases(of owner: OwnerName) -> Bool {
        may(.read, on: owner) || (scope.allows(.read, on: owner) && sharedOwners.contains(owner))
    }

    /// The owners whose releases the caller may read.
    package var releaseOwners: OwnerSelection {
        switch owners(with: .read) {
        case .all: .all
        case .only(let owners): .only(owners.union(sharedOwners.filter { scope.allows(.read, on: $0) }))
        }
    }

    /// Throws `missing` when the caller may not even know of the thing, and `forbidden` when they may read it
    /// but not do this.
    ///
    /// `missing` is the very error that is thrown when there is no such thing, so that nobody can tell the two apart.
    package func require(_ right: Right, on owner: OwnerName, else missing: @autoclosure () -> RucheError) throws {
        if may(right, on: owner) { return }
        let forbidden = Self.forbidden(right, on: owner)
        guard !may(.read, on: owner) else { throw forbidden }
        // For the audit; answers never tell the cause.
        var hidden = missing()
        hidden.cause = forbidden
        throw hidden
    }

    /// Throws `forbidden` without the right.
    package func require(_ right: Right, on owner: OwnerName) throws {
        if !may(right, on: owner) { throw Self.forbidden(right, on: owner) }
    }

    package static func forbidden(_ right: Right, on owner: OwnerName) -> RucheError {
        RucheError(
            .forbidden,
            "this needs the right to \(right.rawValue) on \(owner): ask an admin of \(owner) for a role with it",
            details: ["right": right.rawValue, "owner": owner.description])
    }
}
