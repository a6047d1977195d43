package import RucheCore
import RucheStore

extension AccountService {
    /// Makes a token and gives its text, which nobody can find out later. `by` may not give more than it has.
    package func addToken(
        of user: OwnerName, name: String, scope: TokenScope, expiresAt: Int64?, by caller: Caller
    ) async throws -> (token: TokenAccount, text: String) {
        let name = try Self.text(name, "name")
        guard !scope.rights.isEmpty else { throw RucheError(.invalidInput, "a token needs at least one right") }
        let time = now()
        if let expiresAt, expiresAt <= time {
            throw RucheError(.invalidInput, "the token would have expired already: name a later time")
        }
        guard scope.rights.isSubset(of: caller.scope.rights),
            caller.scope.owner == nil || caller.scope.owner == scope.owner
        else {
            throw RucheError(.forbidden, "a token can't make one that may do more than itself")
        }
        let secret = Secret(prefix: Secret.tokenPrefix)
        var generator = SystemRandomNumberGenerator()
        var made = TokenRow(
            id: Identifier(milliseconds: UInt64(max(0, time)), using: &generator).description, user: user.description,
            name: name, hash: secret.hash, rights: scope.rights.sorted().map(\.rawValue).joined(separator: ","),
            createdAt: time)
        made.owner = scope.owner?.description
        made.expiresAt = expiresAt
        let row = made
        let data: [String: JSONValue] = [
            "token": .string(row.id), "name": .string(name), "rights": .string(row.rights),
            "owner": row.owner.map { .string($0) } ?? .null,
        ]
        try await write("token.created", user, data) { connection in
            guard try UserRepository(connection).user(row.user) != nil else { throw Self.noUser(user) }
            if let owner = scope.owner, try OwnerRepository(connection).owner(owner.description) == nil {
                throw Self.noOwner(owner)
            }
            try TokenRepository(connection).insert(row)
        }
        return (try TokenAccount(row: row), secret.text)
    }

    /// Newest first, of one user when it is given.
    package func tokens(of user: OwnerName?, before cursor: Identifier?, limit: Int) async throws -> [TokenAccount] {
        try await database.read {
            try TokenRepository($0).tokens(of: user?.description, before: cursor?.description, limit: limit)
        }.map { try TokenAccount(row: $0) }
    }

    /// Takes a token back at once. With `user`, only one of theirs. Throws `not_found`.
    package func revokeToken(_ id: Identifier, of user: OwnerName?) async throws {
        let missing = RucheError(.notFound, "there is no token \(id)", details: ["token": id.description])
        let row = try await database.read { try TokenRepository($0).token(id: id.description) }
        guard let row, user == nil || row.user == user?.description, let owner = OwnerName(row.user) else {
            throw missing
        }
        try await write("token.revoked", owner, ["token": .string(row.id), "name": .string(row.name)]) { connection in
            try TokenRepository(connection).remove(row.id)
        }
    }

    /// Takes back the token with this text; nothing happens when there is none.
    package func revoke(token text: String) async throws {
        let hash = Secret.hash(text)
        guard text.hasPrefix(Secret.tokenPrefix),
            let row = try await database.read({ connection in
                try TokenRepository(connection).token(hash: hash)
            }), let id = Identifier(row.id)
        else { return }
        try await revokeToken(id, of: nil)
    }

    /// A user with the rights they have now. Nil when there is none or they are disabled.
    package func caller(user: OwnerName) async throws -> Caller? {
        try await database.read { try CallerRows($0, user: user.description)?.caller }
    }

    /// Who shows a token. Nil when it is none, has expired, or its user is disabled: nobody is told which.
    package func caller(token text: String) async throws -> Caller? {
        guard text.hasPrefix(Secret.tokenPrefix), text.utf8.count < 200 else { return nil }
        guard let (token, caller) = try await liveToken(hash: Secret.hash(text)) else { return nil }
        let time = now()
        if time - (token.usedAt ?? 0) >= policy.useInterval {
            await note { try TokenRepository($0).used(token.id.description, at: time) }
        }
        return caller
    }
}

/// What the database knows of a caller.
struct CallerRows: Sendable {
    private let user: UserRow
    private let memberships: [MembershipRow]
    private let sharing: [String]

    init?(_ connection: any SQLConnection, user name: String) throws {
        guard let row = try UserRepository(connection).user(name) else { return nil }
        user = row
        memberships = try OwnerRepository(connection).memberships(of: name)
        sharing = try OwnerRepository(connection).sharing()
    }

    /// Nil for who is disabled.
    var caller: Caller? {
        guard !user.isDisabled, let name = OwnerName(user.name) else { return nil }
        return Caller(
            actor: user.name, user: name, siteRole: user.siteRole.flatMap { Role(rawValue: $0) },
            roles: AccountService.roles(memberships), sharedOwners: Set(sharing.compactMap { OwnerName($0) }))
    }
}
