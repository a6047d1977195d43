/// What stays of a release that was removed. Times are milliseconds since 1970.
package struct RemovedReleaseRow: Hashable, Sendable {
    /// Of its identifier.
    package var stem: String
    /// `owner/name`.
    package var name: String
    package var version: String
    package var digest: String
    package var summary: String?
    package var publishedAt: Int64
    package var removedAt: Int64

    package init(
        stem: String, name: String, version: String, digest: String, summary: String?, publishedAt: Int64,
        removedAt: Int64
    ) {
        self.stem = stem
        self.name = name
        self.version = version
        self.digest = digest
        self.summary = summary
        self.publishedAt = publishedAt
        self.removedAt = removedAt
    }
}
