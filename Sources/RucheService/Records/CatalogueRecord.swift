package import RucheCore
package import RucheImages

/// All that is said of a release, or of an environment by its newest one, for pages and documents about it.
package struct CatalogueRecord: Sendable {
    package var name: EnvironmentName
    /// Nil for the environment itself.
    package var version: ReleaseVersion?
    package var ark: ARK
    /// Of the environment, where this is about a release.
    package var environmentARK: ARK
    package var swhid: String?
    /// `10.PREFIX/…`, once it is registered and findable.
    package var doi: String?
    package var digest: Digest?
    package var summary: String?
    /// Markdown (CommonMark).
    package var description: String?
    /// What is said of this version; Markdown.
    package var releaseNotes: String?
    /// An SPDX licence expression.
    package var license: String?
    package var authors: [Recipe.Author] = []
    package var keywords: [String] = []
    package var homepage: String?
    package var recipe: Recipe?
    package var revocation: Revocation?
    package var files: [RecordFile] = []
    package var variants: [ReleaseDetails.Variant] = []
    /// Newest first.
    package var versions: [Version] = []
    package var downloads: Int64 = 0
    /// Milliseconds since 1970.
    package var createdAt: Int64
    /// Of the release; of an environment when it was made.
    package var publishedAt: Int64
    /// When any of this changed last.
    package var modifiedAt: Int64

    package struct Version: Hashable, Sendable {
        package var version: ReleaseVersion
        package var ark: ARK?
        package var publishedAt: Int64
        package var revokedReason: String?
    }

    /// The newest release that stands and is no pre-release, or else the newest that stands: what an environment's
    /// record tells of.
    package var newest: ReleaseVersion? {
        let standing = versions.filter { $0.revokedReason == nil }
        return (standing.first { !$0.version.isPrerelease } ?? standing.first)?.version
    }

    package var isRevoked: Bool { revocation != nil }
    package var isPipeline: Bool { recipe?.pipeline != nil }
    /// `owner/name` or `owner/name:version`.
    package var title: String { version.map { "\(name):\($0)" } ?? name.description }
    /// In the order of the files that are for one; a box need not say which it is for.
    package var architectures: [String] {
        files.compactMap(\.architecture).reduce(into: []) { found, architecture in
            if architecture != "unknown", !found.contains(architecture) { found.append(architecture) }
        }
    }

    /// The releases before and after this one, of those that stand.
    package var neighbours: (older: Version?, newer: Version?) {
        guard let version else { return (nil, nil) }
        let standing = versions.filter { $0.revokedReason == nil }
        return (standing.first { $0.version < version }, standing.last { $0.version > version })
    }
}

/// A file of a release, or a manifest that names files.
package struct RecordFile: Hashable, Sendable {
    /// Where it is had from.
    package enum Place: Hashable, Sendable {
        case manifest(Digest)
        case blob(Digest)
        case box(provider: String, architecture: String)
        case document(ArtifactKind)
        case elsewhere(String)
    }

    package var place: Place
    /// A name for people, such as `metadata.tar.xz`.
    package var name: String
    package var format: String
    package var architecture: String?
    package var mediaType: String
    package var size: Int64?
    package var digest: Digest?
    package var checksum: FileChecksum?
}
