package import RucheCore

/// A line of `GET /api/v1/releases`.
package struct ReleaseSummaryDocument: Codable, Hashable, Sendable {
    package var name: EnvironmentName
    package var version: ReleaseVersion
    package var digest: Digest
    package var summary: String?
    package var tags: [String]
    /// Bytes of every blob that the release reaches, each counted once.
    package var size: Int64
    /// `oci`, `lxd`, …
    package var variants: [String]
    package var isPipeline: Bool
    /// Milliseconds since 1970.
    package var publishedAt: Int64
    /// Why it was withdrawn; nil for one that stands.
    package var revokedReason: String?
    package init(
        name: EnvironmentName, version: ReleaseVersion, digest: Digest, tags: [String], size: Int64, variants: [String],
        isPipeline: Bool, publishedAt: Int64
    ) {
        self.name = name
        self.version = version
        self.digest = digest
        self.tags = tags
        self.size = size
        self.variants = variants
        self.isPipeline = isPipeline
        self.publishedAt = publishedAt
    }
}

/// `GET /api/v1/releases/{owner}/{name}/{version}`.
package struct ReleaseDocument: Codable, Hashable, Sendable {
    package var summary: ReleaseSummaryDocument
    /// The recipe as it was checked; nil for an imported image.
    package var recipe: Recipe?
    /// The form of a pipeline that has one.
    package var form: Form?
    package var variants: [Variant]
    package var artifacts: [Artifact]
    /// `released` or `revoked`; the summary says why.
    package var state: String
    /// Markdown. This and what follows is what people say of the environment, and else what the recipe does.
    package var description: String?
    /// An SPDX expression.
    package var license: String?
    package var homepage: String?
    package var authors: [Recipe.Author] = []
    package var keywords: [String] = []
    /// How often its variants were fetched.
    package var downloads: Int64 = 0

    package struct Variant: Codable, Hashable, Sendable {
        /// `oci`, `lxd`, `box`, or the type of an artifact.
        package var format: String
        package var architecture: String
        package var digest: Digest
        package var size: Int64
        /// What runs a box, such as `libvirt`.
        package var provider: String?
        /// What the publisher of a box said of its bytes, as `KIND:HEX`.
        package var checksum: String?
        /// Where a box is that is kept elsewhere.
        package var url: String?
        package init(format: String, architecture: String, digest: Digest, size: Int64) {
            self.format = format
            self.architecture = architecture
            self.digest = digest
            self.size = size
        }
    }

    package struct Artifact: Codable, Hashable, Sendable {
        /// `recipe`, `lock`, `sbom`, `log`, `provenance`.
        package var kind: String
        package var mediaType: String
        package var digest: Digest
        package var size: Int64
        package init(kind: String, mediaType: String, digest: Digest, size: Int64) {
            self.kind = kind
            self.mediaType = mediaType
            self.digest = digest
            self.size = size
        }
    }

    package init(summary: ReleaseSummaryDocument, recipe: Recipe?, variants: [Variant], artifacts: [Artifact]) {
        self.summary = summary
        self.recipe = recipe
        self.variants = variants
        self.artifacts = artifacts
        state = summary.revokedReason == nil ? "released" : "revoked"
    }
}

/// A line of `GET …/files`.
package struct ReleaseFileDocument: Codable, Hashable, Sendable {
    package var format: String
    package var provider: String?
    package var architecture: String
    package var name: String
    package var mediaType: String
    package var digest: Digest
    package var size: Int64
    /// What its publisher said of it beside the digest, as `KIND:HEX`.
    package var checksum: String?
    package init(
        format: String, architecture: String, name: String, mediaType: String, digest: Digest, size: Int64
    ) {
        self.format = format
        self.architecture = architecture
        self.name = name
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
    }
}

/// A line of `GET …/history`: a layer, lowest first.
package struct HistoryDocument: Codable, Hashable, Sendable {
    package var createdBy: String
    package var size: Int64
    package var digest: Digest?
    package init(createdBy: String, size: Int64, digest: Digest?) {
        self.createdBy = createdBy
        self.size = size
        self.digest = digest
    }
}

/// `GET /api/v1/diff?from=&to=`.
package struct DiffDocument: Codable, Hashable, Sendable {
    package struct PackageChange: Codable, Hashable, Sendable {
        /// `deb` or `pypi`.
        package var system: String
        package var name: String
        /// Nil when it was not there, or is not there any more.
        package var before: String?
        package var after: String?
        package init(system: String, name: String, before: String?, after: String?) {
            self.system = system
            self.name = name
            self.before = before
            self.after = after
        }
    }
    package struct FileChange: Codable, Hashable, Sendable {
        package enum Kind: String, Codable, Hashable, Sendable {
            case added, removed, changed
        }
        package var kind: Kind
        package var path: String
        package var sizeBefore: Int64?
        package var sizeAfter: Int64?
        package init(kind: Kind, path: String, sizeBefore: Int64?, sizeAfter: Int64?) {
            self.kind = kind
            self.path = path
            self.sizeBefore = sizeBefore
            self.sizeAfter = sizeAfter
        }
    }
    package var packages: [PackageChange]
    package var files: [FileChange]
    package var sizeBefore: Int64
    package var sizeAfter: Int64
    package init(packages: [PackageChange], files: [FileChange], sizeBefore: Int64, sizeAfter: Int64) {
        self.packages = packages
        self.files = files
        self.sizeBefore = sizeBefore
        self.sizeAfter = sizeAfter
    }
}

/// Result of `POST /api/v1/maintenance/gc` (an operation).
package struct CollectionDocument: Codable, Hashable, Sendable {
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

/// Result of `POST /api/v1/maintenance/verify` (an operation).
package struct VerificationDocument: Codable, Hashable, Sendable {
    package var blobs: Int
    package var bytes: Int64
    /// Blobs whose content is not what their digest says.
    package var corrupt: [Digest]
    /// Blobs that a release needs and that are not here.
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

/// Result of a build (the `result` of its operation).
package struct BuildResultDocument: Codable, Hashable, Sendable {
    package var release: String
    package var digest: Digest
    package var reusedSteps: Int
    package var builtSteps: Int
    package var seconds: Double
    package init(release: String, digest: Digest, reusedSteps: Int, builtSteps: Int, seconds: Double) {
        self.release = release
        self.digest = digest
        self.reusedSteps = reusedSteps
        self.builtSteps = builtSteps
        self.seconds = seconds
    }
}

/// `PUT /api/v1/releases/{owner}/{name}/tags/{tag}`.
package struct TagDocument: Codable, Hashable, Sendable {
    /// A version, or another tag of the environment.
    package var version: String
    package init(version: String) { self.version = version }
}

/// `POST /api/v1/releases/{owner}/{name}/{version}/revoke`.
package struct RevocationRequest: Codable, Hashable, Sendable {
    package var reason: String
    package init(reason: String) { self.reason = reason }
}
