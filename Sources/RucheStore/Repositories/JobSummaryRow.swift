/// What a list shows of a job: `summary` as JSON, the rest to be asked for.
package struct JobSummaryRow: Hashable, Sendable {
    package var id: String
    package var state: String
    package var owner: String
    package var name: String?
    package var priority: Int64
    package var createdAt: Int64
    package var summary: String

    package init(
        id: String, state: String, owner: String, name: String?, priority: Int64, createdAt: Int64, summary: String
    ) {
        self.id = id
        self.state = state
        self.owner = owner
        self.name = name
        self.priority = priority
        self.createdAt = createdAt
        self.summary = summary
    }
}
