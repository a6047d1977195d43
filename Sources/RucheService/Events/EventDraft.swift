package import RucheCore

/// An event that is not yet in the table.
package struct EventDraft: Hashable, Sendable {
    package var subject: String
    package var kind: String
    package var data: JSONValue

    package init(subject: String, kind: String, data: JSONValue) {
        self.subject = subject
        self.kind = kind
        self.data = data
    }
}
