/// A row of the index of environments. Times are milliseconds since 1970.
package struct EnvironmentRow: Hashable, Sendable {
    /// `owner/name`.
    package var name: String
    package var owner: String
    package var visibility: String
    package var summary: String?
    package var createdAt: Int64
    package var updatedAt: Int64

    package init(
        name: String, owner: String, visibility: String, summary: String?, createdAt: Int64, updatedAt: Int64
    ) {
        self.name = name
        self.owner = owner
        self.visibility = visibility
        self.summary = summary
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
