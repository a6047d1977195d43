/// What the catalogue can be narrowed down by.
package enum SearchFacet: String, CaseIterable, Codable, Sendable {
    /// `license` is spelled as in every other document; the command takes `--licence` as well.
    case owner, provider, format, architecture, os, software, keyword, license

    /// Whether a release has to have every value that is asked for, not one of them.
    package var needsAll: Bool { self == .software || self == .keyword }
}

/// How hits are sorted.
package enum SearchSort: String, CaseIterable, Codable, Sendable {
    /// Words in the name first, then downloads.
    case relevance
    case downloads
    /// When it was published.
    case updated
    /// When its environment was made.
    case created
    case name
}
