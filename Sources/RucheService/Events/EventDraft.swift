package import RucheCore

/// An event that is not yet in the table.
package struct EventDraft: Hashable, Sendable {
    package var subject: String
    package var kind: String
    package var data: JSONValue
    /// Whose members may see it; nil is for those who may read the whole site.
    package var owner: OwnerName?
    /// Who caused it; nil takes whom the running code acts for (`Acting`).
    package var actor: String?

    package init(
        subject: String, kind: String, data: JSONValue, owner: OwnerName? = nil, actor: String? = nil
    ) {
        self.subject = subject
        self.kind = kind
        self.data = data
        self.owner = owner
        self.actor = actor
    }
}
