/// The DOI of a release.
package struct DOIDocument: Codable, Hashable, Sendable {
    package var doi: String
    package var release: String
    /// `draft`, `findable` or `registered`.
    package var wanted: String
    /// What the registration agency has; nil while it has not taken it.
    package var state: String?
    /// Why the last attempt failed; it is tried again.
    package var failure: String?
    /// Milliseconds since 1970.
    package var updatedAt: Int64

    package init(doi: String, release: String, wanted: String, updatedAt: Int64) {
        self.doi = doi
        self.release = release
        self.wanted = wanted
        self.updatedAt = updatedAt
    }
}

/// Asks for a DOI.
package struct DOIRequest: Codable, Hashable, Sendable {
    /// `draft` or `findable`.
    package var state: String
    package init(state: String) { self.state = state }
}
