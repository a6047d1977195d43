package import RucheCore

/// `GET /api/v1/catalogue/search`.
package struct SearchDocument: Codable, Hashable, Sendable {
    package var items: [SearchHitDocument]
    /// How many there are on all pages.
    package var total: Int
    /// How many have which value; values of a facet that was narrowed down are counted as if it were not.
    package var facets: [SearchFacetDocument]
    /// Where the next page begins.
    package var next: String?

    package init(items: [SearchHitDocument], total: Int, facets: [SearchFacetDocument], next: String?) {
        self.items = items
        self.total = total
        self.facets = facets
        self.next = next
    }
}

/// The newest release of an environment, or the environment itself when it has none.
package struct SearchHitDocument: Codable, Hashable, Sendable {
    package var name: EnvironmentName
    package var version: ReleaseVersion?
    package var digest: Digest?
    package var summary: String?
    package var license: String?
    package var keywords: [String]
    /// What runs it: `oci`, `lxd`, or the provider of a box.
    package var providers: [String]
    package var formats: [String]
    package var architectures: [String]
    package var os: [String]
    package var downloads: Int64
    /// Milliseconds since 1970.
    package var publishedAt: Int64
    package var createdAt: Int64
    /// Why it was withdrawn; nil for one that stands.
    package var revokedReason: String?

    package init(name: EnvironmentName, version: ReleaseVersion?, digest: Digest?, downloads: Int64) {
        self.name = name
        self.version = version
        self.digest = digest
        self.downloads = downloads
        (keywords, providers, formats, architectures, os) = ([], [], [], [], [])
        (publishedAt, createdAt) = (0, 0)
    }
}

/// The values of a facet with the most hits.
package struct SearchFacetDocument: Codable, Hashable, Sendable {
    package var name: SearchFacet
    package var values: [Value]

    package struct Value: Codable, Hashable, Sendable {
        package var value: String
        package var count: Int
        package init(value: String, count: Int) {
            self.value = value
            self.count = count
        }
    }

    package init(name: SearchFacet, values: [Value]) {
        self.name = name
        self.values = values
    }
}
