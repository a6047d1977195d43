package import RucheCore

/// What a garbage collection removed, or would remove. The member names are those of the API.
package struct CollectionReport: Hashable, Sendable, Codable {
    package var dryRun: Bool
    package var blobs: Int
    package var cacheEntries: Int
    package var bytes: Int64
    package var digests: [Digest]
    package init(dryRun: Bool, blobs: Int, cacheEntries: Int, bytes: Int64, digests: [Digest]) {
        self.dryRun = dryRun
        self.blobs = blobs
        self.cacheEntries = cacheEntries
        self.bytes = bytes
        self.digests = digests
    }
}

/// What reading every blob found. The member names are those of the API.
package struct VerificationReport: Hashable, Sendable, Codable {
    package var blobs: Int
    package var bytes: Int64
    package var corrupt: [Digest]
    package var missing: [Digest]
    /// Releases that need one of these, as `owner/name:version`.
    package var releases: [String]
    /// Releases that can't be read at all, each with the reason.
    package var problems: [String]
    package init(
        blobs: Int, bytes: Int64, corrupt: [Digest], missing: [Digest], releases: [String], problems: [String]
    ) {
        self.blobs = blobs
        self.bytes = bytes
        self.corrupt = corrupt
        self.missing = missing
        self.releases = releases
        self.problems = problems
    }
}
