package import RucheCore
package import RucheStore

/// Who there is, what they own, and how they show who they are.
///
/// Events: `account.created`, `account.changed`, `account.removed`, `account.password-changed`, `owner.*`,
/// `member.*`, `token.created`, `token.revoked`, `session.started`, `session.refused`, `session.ended`, `setup.refused`.
package struct AccountService: Sendable {
    let database: any SQLDatabase
    let events: DatabaseEventLog
    let policy: AccountPolicy
    let hasher: PasswordHasher
    let setupCode = SetupCode()
    package let watches = AccessWatches()
    package let audit: AccessAudit
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64

    package init(
        database: any SQLDatabase, events: DatabaseEventLog, policy: AccountPolicy = AccountPolicy(),
        now: @escaping @Sendable () -> Int64 = SystemTime.milliseconds
    ) {
        self.database = database
        self.events = events
        self.policy = policy
        self.now = now
        hasher = PasswordHasher(cost: .init(rounds: policy.scryptRounds))
        audit = AccessAudit(events)
    }

    // MARK: Users

    /// Makes a user, and the owner of the same name, in one transaction with `check`. Throws `conflict` when the name is
    /// taken.
    package func addUser(
        _ name: OwnerName, displayName: String? = nil, siteRole: Role? = nil, password: String? = nil,
        check: @Sendable @escaping (any SQLConnection) throws -> Void = { _ in }
    ) async throws -> UserAccount {
        try Self.requireFree(name)
        var row = UserRow(
            name: name.description, displayName: try Self.text(displayName ?? name.description, "displayName"),
            createdAt: now())
        row.siteRole = siteRole?.rawValue
        if let password {
            try policy.check(password: password, of: name)
            row.password = try await hasher.hash(password).text
        }
        let user = row
        var data: [String: JSONValue] = [:]
        if let siteRole { data["siteRole"] = .string(siteRole.rawValue) }
        try await write("account.created", name, data) { connection in
            try check(connection)
            let owners = OwnerRepository(connection)
            guard try owners.owner(user.name) == nil else { throw Self.taken(name) }
            try owners.insert(
                OwnerRow(
                    name: user.name, kind: OwnerAccount.Kind.person.rawValue, displayName: user.displayName,
                    sharesReleases: false, createdAt: user.createdAt))
            try UserRepository(connection).insert(user)
            try owners.setRole(MembershipRow(owner: user.name, user: user.name, role: Role.admin.rawValue))
        }
        return try await self.user(name)
    }

    /// Throws `not_found`.
    package func user(_ name: OwnerName) async throws -> UserAccount {
        let found = try await database.read { connection in
            (
                try UserRepository(connection).user(name.description),
                try OwnerRepository(connection).memberships(of: name.description)
            )
        }
        guard let row = found.0 else { throw Self.noUser(name) }
        var user = try UserAccount(row: row)
        user.roles = Self.roles(found.1)
        return user
    }

    package func users(after cursor: String?, limit: Int) async throws -> [UserAccount] {
        try await database.read { try UserRepository($0).users(after: cursor, limit: limit) }
            .map { try UserAccount(row: $0) }
    }

    /// Changes what is given. Throws `not_found`.
    package func changeUser(
        _ name: OwnerName, displayName: String? = nil, siteRole: Role?? = nil, isDisabled: Bool? = nil
    ) async throws -> UserAccount {
        let displayName = try displayName.map { try Self.text($0, "displayName") }
        var data: [String: JSONValue] = [:]
        if let siteRole { data["siteRole"] = siteRole.map { .string($0.rawValue) } ?? .null }
        if let isDisabled { data["disabled"] = .bool(isDisabled) }
        try await write("account.changed", name, data) { connection in
            let users = UserRepository(connection)
            guard var row = try users.user(name.description) else { throw Self.noUser(name) }
            if let displayName { row.displayName = displayName }
            if let siteRole { row.siteRole = siteRole?.rawValue }
            if let isDisabled { row.isDisabled = isDisabled }
            try users.update(row)
            if row.isDisabled { try SessionRepository(connection).removeAll(of: row.name) }
        }
        return try await user(name)
    }

    /// Removes a user who owns nothing. Throws `in_use` for one who does: disable that one.
    package func removeUser(_ name: OwnerName) async throws {
        try await write("account.removed", name) { connection in
            let owners = OwnerRepository(connection)
            guard try UserRepository(connection).user(name.description) != nil else { throw Self.noUser(name) }
            try Self.requireEmpty(name, owners, "remove those first, or disable the user instead")
            try UserRepository(connection).remove(name.description)
            try owners.remove(name.description)
        }
    }

    /// Sets a password and ends all sessions of the user. With `current`, only when that is the one until now.
    package func setPassword(_ password: String, of name: OwnerName, current: String?? = nil) async throws {
        try policy.check(password: password, of: name)
        let row = try await database.read { try UserRepository($0).user(name.description) }
        guard let row else { throw Self.noUser(name) }
        if let current {
            let stored = row.password.flatMap { PasswordHash($0) }
            let isLong = (current?.utf8.count ?? 0) > policy.longestPassword
            guard !isLong, try await hasher.matches(current ?? "", stored) else {
                throw RucheError(.forbidden, "the current password is not right: ask an administrator for a new one")
            }
        }
        let hash = try await hasher.hash(password).text
        try await write("account.password-changed", name) { connection in
            let users = UserRepository(connection)
            guard var row = try users.user(name.description) else { throw Self.noUser(name) }
            row.password = hash
            try users.update(row)
            try SessionRepository(connection).removeAll(of: row.name)
        }
    }

    /// Whether anybody can administer the site without the private socket.
    package func hasAdministrator() async throws -> Bool {
        try await database.read { try UserRepository($0).hasActive(siteRole: Role.admin.rawValue) }
    }
}
