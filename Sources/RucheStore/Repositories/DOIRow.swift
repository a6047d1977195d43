/// How far a DOI is at its registration agency.
package struct DOIRow: Hashable, Sendable {
    package var doi: String
    /// `owner/name`.
    package var name: String
    package var version: String
    /// What it is to be: `draft`, `findable` or `registered`.
    package var wanted: String
    /// What the agency said last; nil while it has not taken it.
    package var registered: String?
    /// The digest of what was sent last.
    package var sent: String?
    package var failures: Int64 = 0
    package var failure: String?
    /// Milliseconds since 1970.
    package var nextAttemptAt: Int64
    package var updatedAt: Int64

    package init(doi: String, name: String, version: String, wanted: String, at time: Int64) {
        self.doi = doi
        self.name = name
        self.version = version
        self.wanted = wanted
        nextAttemptAt = time
        updatedAt = time
    }

    /// Whether it is made of the stem of an ARK, as each is: of name, version and digest of one release.
    package func isNamed(by stem: String) -> Bool { doi.hasSuffix("/\(stem)") }
}
