package import RucheCore
import RucheStore

/// An address that is told of events.
package struct Webhook: Hashable, Sendable {
    package var id: Identifier
    package var url: String
    /// Empty for all; patterns as `EventFilter` has them.
    package var kinds: [String]
    /// Whose events it is told of; `local` is the whole site.
    package var owner: OwnerName
    package var createdAt: Int64
    /// Sequence number of the event that was delivered last.
    package var position: Int64
    /// Attempts in a row that failed.
    package var failures: Int
    package var failingSince: Int64?
    package var nextAttemptAt: Int64?
    /// When it was given up, and why.
    package var disabledAt: Int64?
    package var disabledReason: String?

    var filter: EventFilter {
        var filter = EventFilter(kinds: kinds)
        if owner != .local { filter.owners = .only([owner]) }
        return filter
    }
    var subject: String { "webhook:\(id)" }

    init?(_ row: WebhookRow) {
        guard let id = Identifier(row.id), let owner = OwnerName(row.owner) ?? (row.owner == "local" ? .local : nil)
        else { return nil }
        self.id = id
        self.owner = owner
        url = row.url
        kinds = row.kinds.split(separator: ",").map(String.init)
        createdAt = row.createdAt
        position = row.position
        failures = Int(row.failures)
        failingSince = row.failingSince
        nextAttemptAt = row.nextAttemptAt
        disabledAt = row.disabledAt
        disabledReason = row.disabledReason
    }

    var row: WebhookRow {
        var row = WebhookRow(
            id: id.description, url: url, kinds: kinds.joined(separator: ","), owner: owner.description,
            createdAt: createdAt, position: position)
        row.failures = Int64(failures)
        row.failingSince = failingSince
        row.nextAttemptAt = nextAttemptAt
        row.disabledAt = disabledAt
        row.disabledReason = disabledReason
        return row
    }
}
