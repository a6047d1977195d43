package import RucheCore

/// What things take: `GET /api/v1/space`, `…/owners/{owner}/space`, `…/environments/{owner}/{name}/space`.
package struct SpaceDocument: Codable, Hashable, Sendable {
    /// Owners, environments, or releases, drafts (`draft:1.0`) and manifests of one.
    package var items: [Item]
    /// Of all of them, each blob counted once.
    package var bytes: Int64

    package struct Item: Codable, Hashable, Sendable {
        package var name: String
        package var bytes: Int64
        /// What only this one has: what its removal frees.
        package var uniqueBytes: Int64
        package var sharedBytes: Int64
        package init(name: String, bytes: Int64, uniqueBytes: Int64) {
            self.name = name
            self.bytes = bytes
            self.uniqueBytes = uniqueBytes
            sharedBytes = bytes - uniqueBytes
        }
    }

    package init(items: [Item], bytes: Int64) {
        self.items = items
        self.bytes = bytes
    }
}

/// Result of `POST /api/v1/maintenance/scrub` (an operation).
package struct ScrubDocument: Codable, Hashable, Sendable {
    /// Whether one that was stopped went on; the numbers are of both.
    package var isResumed: Bool
    package var blobs: Int
    package var bytes: Int64
    /// Blobs that were set aside.
    package var damaged: [Digest]
    /// Releases that need one of these, as `owner/name:version`.
    package var releases: [String]
    package init(isResumed: Bool, blobs: Int, bytes: Int64, damaged: [Digest], releases: [String]) {
        self.isResumed = isResumed
        self.blobs = blobs
        self.bytes = bytes
        self.damaged = damaged
        self.releases = releases
    }
}
