package import RucheCore

/// Which events a reader wants.
package struct EventFilter: Hashable, Sendable {
    /// Parts of a filter at most: each is compared with each event.
    private static let limit = 32

    /// One subject, `job:ID`, or all of one sort, `job:*`; nil for everything.
    package var subject: String?
    /// Kinds such as `job.ended`, or `job.*`; empty for all.
    package var kinds: [String]
    /// Whose events the reader may see; those of nobody only with all.
    package var owners = OwnerSelection.all
    /// Kinds that the reader may not see at all.
    package private(set) var hidden: [String] = []

    package init(subject: String? = nil, kinds: [String] = []) {
        self.subject = subject
        self.kinds = kinds
    }

    /// Kinds as a list with commas. Throws `invalid_input` for what can't be a kind.
    package static func kinds(parsing text: String) throws -> [String] {
        let kinds = text.split(separator: ",").map { String($0.filter { $0 != " " }) }.filter { !$0.isEmpty }
        guard kinds.count <= limit else {
            throw RucheError(.invalidInput, "a filter takes \(limit) kinds of events at most")
        }
        for kind in kinds where !isKind(kind) {
            throw RucheError(
                .invalidInput, "\"\(kind.prefix(80))\" is no kind of event: write such as job.ended, or job.*")
        }
        return kinds
    }

    private static func isKind(_ text: String) -> Bool {
        guard text != "*" else { return true }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 80 else { return false }
        func isWord(_ part: Substring) -> Bool {
            !part.isEmpty && part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        }
        return isWord(parts[0]) && (parts[1] == "*" || isWord(parts[1]))
    }

    /// Leaves what a caller may see.
    package mutating func limit(to caller: Caller) {
        owners = caller.owners(with: .read)
        hidden = caller.mayOnSite(.administer) ? [] : [AccessAudit.kind]
    }

    /// Whether the rights of this filter let through all that those of another one do.
    package func showsAll(of other: EventFilter) -> Bool {
        guard Set(hidden).isSubset(of: other.hidden) else { return false }
        return switch (owners, other.owners) {
        case (.all, _): true
        case (.only, .all): false
        case (.only(let mine), .only(let others)): others.isSubset(of: mine)
        }
    }

    package func matches(_ event: Event) -> Bool {
        if hidden.contains(event.kind) { return false }
        if owners != .all {
            guard let owner = event.owner, owners.contains(owner) else { return false }
        }
        if let subject, !Self.isLike(event.subject, subject) { return false }
        return kinds.isEmpty || kinds.contains { Self.isLike(event.kind, $0) }
    }

    private static func isLike(_ text: String, _ pattern: String) -> Bool {
        guard pattern.hasSuffix("*") else { return text == pattern }
        return text.hasPrefix(pattern.dropLast())
    }
}
