/// What a token may be used for: never more than its user may do.
package struct TokenScope: Hashable, Codable, Sendable {
    package var rights: Set<Right>
    /// Only for things of this owner, when given; nothing of the site then.
    package var owner: OwnerName?

    package init(rights: Set<Right>, owner: OwnerName? = nil) {
        self.rights = rights
        self.owner = owner
    }

    /// No limits: of sessions, and of whoever the data directory belongs to.
    package static let everything = TokenScope(rights: Set(Right.allCases))

    package func allows(_ right: Right, on owner: OwnerName) -> Bool {
        rights.contains(right) && (self.owner == nil || self.owner == owner)
    }
}
