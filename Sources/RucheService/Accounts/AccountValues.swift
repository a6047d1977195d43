package import RucheCore
import RucheStore

/// Somebody with an account.
package struct UserAccount: Hashable, Sendable {
    package var name: OwnerName
    package var displayName: String
    package var siteRole: Role?
    package var isDisabled: Bool
    package var hasPassword: Bool
    package var createdAt: Int64
    package var roles: [OwnerName: Role] = [:]
}

/// A person or an organisation that owns things.
package struct OwnerAccount: Hashable, Sendable {
    package enum Kind: String, Sendable { case person, organisation }

    package var name: OwnerName
    package var kind: Kind
    package var displayName: String
    package var sharesReleases: Bool
    package var createdAt: Int64
}

/// What is known of a token once it was made. Its text is not.
package struct TokenAccount: Hashable, Sendable {
    package var id: Identifier
    package var user: OwnerName
    package var name: String
    package var scope: TokenScope
    package var createdAt: Int64
    package var expiresAt: Int64?
    package var usedAt: Int64?
}

/// Somebody who just logged in. Neither secret is stored as it is.
package struct NewSession: Sendable {
    /// The value of the cookie.
    package var secret: String
    package var csrf: String
    package var caller: Caller
}

extension UserAccount {
    init(row: UserRow) throws {
        guard let name = OwnerName(row.name) else { throw Self.damaged("user", row.name) }
        self.init(
            name: name, displayName: row.displayName, siteRole: row.siteRole.flatMap { Role(rawValue: $0) },
            isDisabled: row.isDisabled, hasPassword: row.password != nil, createdAt: row.createdAt)
    }

    static func damaged(_ noun: String, _ name: String) -> RucheError {
        RucheError(.corruptContent, "the database has an impossible \(noun) \"\(name.prefix(100))\"")
    }
}

extension OwnerAccount {
    init(row: OwnerRow) throws {
        guard let name = OwnerName(row.name), let kind = Kind(rawValue: row.kind) else {
            throw UserAccount.damaged("owner", row.name)
        }
        self.init(
            name: name, kind: kind, displayName: row.displayName, sharesReleases: row.sharesReleases,
            createdAt: row.createdAt)
    }
}

extension TokenAccount {
    init(row: TokenRow) throws {
        guard let id = Identifier(row.id), let user = OwnerName(row.user) else {
            throw UserAccount.damaged("token", row.id)
        }
        let rights = row.rights.split(separator: ",").compactMap { Right(rawValue: String($0)) }
        // A limit that can't be read limits to nothing, never to everything.
        let owner = row.owner.map { OwnerName($0) }
        let scope =
            owner == .some(.none) ? TokenScope(rights: []) : TokenScope(rights: Set(rights), owner: owner ?? nil)
        self.init(
            id: id, user: user, name: row.name, scope: scope, createdAt: row.createdAt, expiresAt: row.expiresAt,
            usedAt: row.usedAt)
    }
}
