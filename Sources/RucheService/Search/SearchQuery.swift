package import RucheCore

/// What is looked for.
package struct SearchQuery: Sendable {
    package static let longestText = 500
    package static let mostFilters = 20

    package var text: String?
    /// Values of facets. Of `software` and `keyword` all have to be there, of the others one.
    package var filters: [SearchFacet: [String]] = [:]
    package var sort: SearchSort?
    /// The other way round than a sort is usually read.
    package var isReversed = false
    /// Also releases that are not the newest of their environment, and revoked ones.
    package var allVersions = false
    /// Whose private environments may be found.
    package var owners: OwnerSelection
    package var cursor: String?
    package var limit: Int
    /// Values of each facet that are counted and told, at most.
    package var facetValues: Int

    package init(owners: OwnerSelection, limit: Int = 20, facetValues: Int = 10) {
        self.owners = owners
        self.limit = limit
        self.facetValues = facetValues
    }

    /// What is sorted by when nothing is said.
    package var order: SearchSort { sort ?? (text == nil ? .downloads : .relevance) }

    /// Throws `invalid_input` for what is too long to be meant.
    func check() throws {
        if let text, text.utf8.count > Self.longestText {
            throw RucheError(
                .invalidInput, "a search takes at most \(Self.longestText) bytes of text: use fewer words")
        }
        for (facet, values) in filters {
            guard values.count <= Self.mostFilters, values.allSatisfy({ $0.utf8.count <= 200 }) else {
                throw RucheError(
                    .invalidInput,
                    "at most \(Self.mostFilters) values of \(facet.rawValue), of 200 bytes each, can be looked for")
            }
        }
    }
}

/// A page of what was found.
package struct SearchResult: Sendable {
    package var hits: [SearchHit]
    package var total: Int
    package var facets: [SearchFacet: [(value: String, count: Int)]]
    package var next: String?
}

/// A release that was found, or an environment that has none.
package struct SearchHit: Sendable {
    package var name: EnvironmentName
    package var version: ReleaseVersion?
    package var digest: Digest?
    package var shown: SearchShown
    package var downloads: Int64
    /// Milliseconds since 1970.
    package var publishedAt: Int64
    package var createdAt: Int64
}

/// What a hit shows.
package struct SearchShown: Hashable, Codable, Sendable {
    package var summary: String?
    package var license: String?
    package var keywords: [String] = []
    package var providers: [String] = []
    package var formats: [String] = []
    package var architectures: [String] = []
    package var os: [String] = []
    package var revokedReason: String?
}
