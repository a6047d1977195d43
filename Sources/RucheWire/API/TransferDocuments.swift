package import RucheCore

/// A release as one site offers it to another: what it is, and every blob of it
/// (`GET /api/v1/releases/{owner}/{name}/{version}/transfer`), and as it is published there once its blobs came (`PUT`).
package struct TransferDocument: Codable, Hashable, Sendable {
    package var name: EnvironmentName
    package var version: ReleaseVersion
    /// Of the index.
    package var digest: Digest
    /// Seconds since 1970.
    package var publishedAt: Int64
    /// Manifests that are about the release and a part of it: recipe, lock, SBOM, log, provenance.
    package var referrers: [Blob]
    /// Manifests about it that others pushed, such as signatures.
    package var attached: [Blob]
    /// What was pushed under the version, where that is not the index.
    package var pushed: Blob?
    /// Why it is withdrawn; it has no blobs then.
    package var revokedReason: String?
    /// Every blob that it needs.
    package var blobs: [Blob]
    /// What people say of the environment; used where there is none of the name yet.
    package var environment: EnvironmentRequest?
    /// The site of which this is a copy that nothing else changes.
    package var mirrorOf: String?

    package init(
        name: EnvironmentName, version: ReleaseVersion, digest: Digest, publishedAt: Int64, referrers: [Blob],
        blobs: [Blob]
    ) {
        self.name = name
        self.version = version
        self.digest = digest
        self.publishedAt = publishedAt
        self.referrers = referrers
        self.blobs = blobs
        attached = []
    }

    /// An OCI descriptor.
    package struct Blob: Codable, Hashable, Sendable {
        package struct Platform: Codable, Hashable, Sendable {
            package var architecture: String
            package var os: String
            package var variant: String?

            package init(architecture: String, os: String, variant: String? = nil) {
                self.architecture = architecture
                self.os = os
                self.variant = variant
            }
        }

        package var digest: Digest
        package var size: Int64
        package var mediaType: String
        package var artifactType: String?
        package var platform: Platform?
        package var annotations: [String: String]?

        package init(digest: Digest, size: Int64, mediaType: String) {
            self.digest = digest
            self.size = size
            self.mediaType = mediaType
        }
    }
}

/// Blobs that a site is asked for: what `POST /api/v1/transfers/{owner}/{name}/missing` takes, and answers with those
/// that it lacks.
package struct BlobListDocument: Codable, Hashable, Sendable {
    package var digests: [Digest]
    package init(digests: [Digest]) { self.digests = digests }
}

/// How much of a blob is here.
package struct BlobStateDocument: Codable, Hashable, Sendable {
    /// Where the next byte goes.
    package var offset: Int64
    /// Whether the whole blob is here, and is what it should be.
    package var isComplete: Bool

    package init(offset: Int64, isComplete: Bool) {
        self.offset = offset
        self.isComplete = isComplete
    }
}
