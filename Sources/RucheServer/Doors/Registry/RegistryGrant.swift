package import RucheCore

/// What a short-lived token of the registry stands for: who got it, and what it is for.
package struct RegistryGrant: Codable, Hashable, Sendable {
    package enum Holder: Codable, Hashable, Sendable {
        case anonymous
        /// The site's administrator, with the token of the data directory.
        case local
        case user(OwnerName)
    }

    package var holder: Holder
    /// What the token that it was got with may do at most.
    package var scope: TokenScope
    /// `pull`, `push` and `delete`, by repository.
    package var repositories: [String: Set<String>]
    /// Seconds since 1970.
    package var expiresAt: Int64

    package func allows(_ action: String, on name: EnvironmentName) -> Bool {
        repositories[name.description]?.contains(action) == true
    }
}

/// Signs grants: after a restart clients ask for another, as they do when one has expired.
package struct RegistryGrants: Sendable {
    private static let prefix = "ruche-registry."
    /// Seconds.
    package static let lifetime: Int64 = 300
    private let signed = SignedText()

    package init() {}

    package func sign(_ grant: RegistryGrant) throws -> String { Self.prefix + (try signed.sign(grant)) }

    static func isGrant(_ token: String) -> Bool { token.hasPrefix(prefix) }

    /// Nil for what this process did not sign, or what has expired at `now`, seconds since 1970.
    package func grant(_ token: String, now: Int64) -> RegistryGrant? {
        guard Self.isGrant(token), let grant = signed.value(RegistryGrant.self, token.dropFirst(Self.prefix.count)),
            grant.expiresAt > now
        else { return nil }
        return grant
    }
}
