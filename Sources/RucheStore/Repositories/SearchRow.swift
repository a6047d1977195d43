/// A document of the search: a release, or an environment under the version "". Times are milliseconds since 1970.
package struct SearchRow: Hashable, Sendable {
    package var id: Int64 = 0
    package var name: String
    package var version: String
    package var digest = ""
    package var isPublic = false
    package var isNewest = false
    /// False for a release that was revoked.
    package var isStanding = true
    package var publishedAt: Int64
    /// When the environment was made.
    package var createdAt: Int64
    package var downloads: Int64 = 0
    /// Downloads of the environment; only kept for the newest release.
    package var total: Int64 = 0
    /// What the release says of itself, as JSON.
    package var source = ""
    /// What a hit shows, as JSON.
    package var shown = ""

    package init(name: String, version: String, publishedAt: Int64, createdAt: Int64) {
        self.name = name
        self.version = version
        self.publishedAt = publishedAt
        self.createdAt = createdAt
    }

    init?(_ row: SQLRow) {
        guard let id = row.integer("id"), let name = row.text("name"), let version = row.text("version") else {
            return nil
        }
        self.init(
            name: name, version: version, publishedAt: row.integer("published_at") ?? 0,
            createdAt: row.integer("created_at") ?? 0)
        self.id = id
        digest = row.text("digest") ?? ""
        isPublic = row.integer("is_public") == 1
        isNewest = row.integer("is_newest") == 1
        isStanding = row.integer("is_standing") == 1
        downloads = row.integer("downloads") ?? 0
        total = row.integer("total") ?? 0
        source = row.text("source") ?? ""
        shown = row.text("shown") ?? ""
    }
}

/// A document with what it is found by.
package struct SearchEntry: Sendable {
    package var row: SearchRow
    /// Words of its name, and all its words; separated by blanks.
    package var nameWords = ""
    package var words = ""
    package var facets: [(kind: String, value: String)] = []
    /// `name=version` of each package; nil leaves them as they are.
    package var packages: [String]?

    package init(_ row: SearchRow) { self.row = row }
}
