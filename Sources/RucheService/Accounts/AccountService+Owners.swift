package import RucheCore
import RucheStore

extension AccountService {
    /// Makes an organisation. Throws `conflict` when the name is taken.
    package func addOrganisation(
        _ name: OwnerName, displayName: String? = nil, sharesReleases: Bool = false
    ) async throws -> OwnerAccount {
        try Self.requireFree(name)
        let row = OwnerRow(
            name: name.description, kind: OwnerAccount.Kind.organisation.rawValue,
            displayName: try Self.text(displayName ?? name.description, "displayName"),
            sharesReleases: sharesReleases, createdAt: now())
        try await write("owner.created", name) { connection in
            let owners = OwnerRepository(connection)
            guard try owners.owner(row.name) == nil else { throw Self.taken(name) }
            try owners.insert(row)
        }
        return try OwnerAccount(row: row)
    }

    /// Throws `not_found`.
    package func owner(_ name: OwnerName) async throws -> OwnerAccount {
        guard let row = try await database.read({ try OwnerRepository($0).owner(name.description) }) else {
            throw Self.noOwner(name)
        }
        return try OwnerAccount(row: row)
    }

    package func owners(_ selection: OwnerSelection, after cursor: String?, limit: Int) async throws -> [OwnerAccount] {
        try await database.read { try OwnerRepository($0).owners(after: cursor, names: selection.names, limit: limit) }
            .map { try OwnerAccount(row: $0) }
    }

    package func changeOwner(
        _ name: OwnerName, displayName: String? = nil, sharesReleases: Bool? = nil
    ) async throws -> OwnerAccount {
        let displayName = try displayName.map { try Self.text($0, "displayName") }
        var data: [String: JSONValue] = [:]
        if let sharesReleases { data["sharesReleases"] = .bool(sharesReleases) }
        try await write("owner.changed", name, data) { connection in
            let owners = OwnerRepository(connection)
            guard var row = try owners.owner(name.description) else { throw Self.noOwner(name) }
            if let displayName { row.displayName = displayName }
            if let sharesReleases { row.sharesReleases = sharesReleases }
            try owners.update(row)
        }
        return try await owner(name)
    }

    /// Removes an organisation that owns nothing. Throws `in_use`, and `conflict` for the owner of a user.
    package func removeOwner(_ name: OwnerName) async throws {
        try await write("owner.removed", name) { connection in
            let owners = OwnerRepository(connection)
            guard let row = try owners.owner(name.description) else { throw Self.noOwner(name) }
            guard row.kind == OwnerAccount.Kind.organisation.rawValue else {
                throw RucheError(.conflict, "\(name) is a person: remove the user instead")
            }
            try Self.requireEmpty(name, owners, "remove those first")
            try owners.remove(name.description)
        }
    }

    /// Throws `in_use` with a list of what is still there. What nobody owns any more nobody could reach or remove, and
    /// whoever took the name next would have it.
    static func requireEmpty(_ name: OwnerName, _ owners: OwnerRepository, _ advice: String) throws {
        let holdings = try owners.holdings(of: name.description)
        guard !holdings.isEmpty else { return }
        let list = holdings.map { "\($0.count) \($0.noun)\($0.count == 1 ? "" : "s")" }.joined(separator: ", ")
        var details = ["owner": name.description]
        for (noun, count) in holdings { details["\(noun)s"] = String(count) }
        throw RucheError(.inUse, "\(name) still owns \(list): \(advice)", details: details)
    }

    // MARK: Members

    /// Who has which role with an owner, by name. Throws `not_found`.
    package func members(of owner: OwnerName) async throws -> [(user: OwnerName, role: Role)] {
        _ = try await self.owner(owner)
        return try await database.read { try OwnerRepository($0).members(of: owner.description) }.compactMap { row in
            guard let user = OwnerName(row.user), let role = Role(rawValue: row.role) else { return nil }
            return (user, role)
        }
    }

    /// Gives a user a role, instead of the one until now.
    package func setRole(_ role: Role, of user: OwnerName, with owner: OwnerName) async throws {
        try Self.requireOther(user, owner)
        let data: [String: JSONValue] = ["user": .string(user.description), "role": .string(role.rawValue)]
        try await write("member.set", owner, data) { connection in
            let owners = OwnerRepository(connection)
            guard try owners.owner(owner.description) != nil else { throw Self.noOwner(owner) }
            guard try UserRepository(connection).user(user.description) != nil else { throw Self.noUser(user) }
            try owners.setRole(
                MembershipRow(owner: owner.description, user: user.description, role: role.rawValue))
        }
    }

    /// Throws `not_found` for who is no member.
    package func removeMember(_ user: OwnerName, of owner: OwnerName) async throws {
        try Self.requireOther(user, owner)
        try await write("member.removed", owner, ["user": .string(user.description)]) { connection in
            let owners = OwnerRepository(connection)
            guard try owners.members(of: owner.description).contains(where: { $0.user == user.description }) else {
                throw RucheError(.notFound, "\(user) is no member of \(owner)")
            }
            try owners.removeMember(user.description, of: owner.description)
        }
    }

    private static func requireOther(_ user: OwnerName, _ owner: OwnerName) throws {
        guard user != owner else {
            throw RucheError(.conflict, "\(user) is the admin of their own things, which can't change")
        }
    }

    // MARK: What all parts share

    static func requireFree(_ name: OwnerName) throws {
        guard name.isFree else {
            throw RucheError(.invalidInput, "\"\(name)\" can't be the name of an account: it means something else here")
        }
    }

    static func taken(_ name: OwnerName) -> RucheError {
        RucheError(.conflict, "there is a user or an organisation \(name) already", details: ["owner": "\(name)"])
    }

    static func noUser(_ name: OwnerName) -> RucheError {
        RucheError(.notFound, "there is no user \(name)", details: ["user": name.description])
    }

    static func noOwner(_ name: OwnerName) -> RucheError {
        RucheError(.notFound, "there is no owner \(name)", details: ["owner": name.description])
    }

    /// A text for people: short, on one line. Throws `invalid_input`.
    static func text(_ text: String, _ path: String) throws -> String {
        let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard !text.isEmpty, text.utf8.count <= 200, isPlain else {
            throw RucheError(
                .invalidInput, "\(path) must be one line of at most 200 bytes",
                problems: [Problem(path: path, message: "must be one line of at most 200 bytes")])
        }
        return text
    }

    static func roles(_ rows: [MembershipRow]) -> [OwnerName: Role] {
        rows.reduce(into: [:]) { roles, row in
            if let owner = OwnerName(row.owner), let role = Role(rawValue: row.role) { roles[owner] = role }
        }
    }

    /// One transaction with the event that tells of it; members of the owner see it.
    func write(
        _ kind: String, _ owner: OwnerName, _ data: [String: JSONValue] = [:],
        _ changes: @Sendable @escaping (any SQLConnection) throws -> Void
    ) async throws {
        let noun = kind.hasPrefix("account") || kind.hasPrefix("session") || kind.hasPrefix("token") ? "user" : "owner"
        let draft = EventDraft(subject: "\(noun):\(owner)", kind: kind, data: .object(data), owner: owner)
        try await events.write([draft], changes)
        watches.tell(kind, of: owner, data)
    }
}
