package import RucheCore
package import RucheImages

/// One release in a list of the catalogue.
package struct CatalogueEntry: Hashable, Sendable {
    package var name: EnvironmentName
    package var version: ReleaseVersion
    package var digest: Digest
    package var summary: String?
    package var tags: [String]
    /// Bytes of every blob that the release reaches, each counted once.
    package var size: Int64
    package var variants: [String]
    package var isPipeline: Bool
    /// Milliseconds since 1970.
    package var publishedAt: Int64
    /// Why it was withdrawn; nil for one that stands.
    package var revokedReason: String?
}

/// Some entries, and where the next page begins.
package struct CataloguePage: Hashable, Sendable {
    package var entries: [CatalogueEntry]
    package var next: String?
}

/// What a person asks of one release.
package struct ReleaseDetails: Sendable {
    package var entry: CatalogueEntry
    package var recipe: Recipe?
    package var form: Form?
    package var variants: [Variant]
    package var artifacts: [Artifact]
    package var about = ReleaseAbout()
    /// How often its variants were fetched.
    package var downloads: Int64 = 0

    package struct Variant: Hashable, Sendable {
        /// `oci`, `lxd`, `box`, a format of disks such as `qcow2`, or the type of an artifact.
        package var format: String
        package var architecture: String
        package var digest: Digest
        /// Bytes of its files; of a box that is kept elsewhere nothing.
        package var size: Int64
        /// What runs a box, such as `libvirt`.
        package var provider: String?
        /// What the publisher of a box said of its bytes, as `KIND:HEX`.
        package var checksum: String?
        /// Where a box is that is kept elsewhere.
        package var url: String?
    }

    package struct Artifact: Hashable, Sendable {
        package var kind: ArtifactKind
        /// The blob with the artifact's content.
        package var blob: Descriptor
    }
}

/// What is said of a release: what people say of its environment, and else what its recipe does.
package struct ReleaseAbout: Hashable, Sendable {
    /// Markdown.
    package var description: String?
    /// An SPDX expression.
    package var license: String?
    package var authors: [Recipe.Author] = []
    package var keywords: [String] = []
    package var homepage: String?

    package init() {}

    package init(_ profile: EnvironmentProfile?, _ recipe: Recipe?, _ annotations: [String: String]) {
        description = profile?.description ?? recipe?.description ?? annotations[Annotation.imageDescription]
        license = profile?.license ?? recipe?.license ?? annotations[Annotation.imageLicenses]
        authors = profile?.authors ?? recipe?.authors ?? []
        keywords = profile?.keywords ?? recipe?.keywords ?? []
        homepage = profile?.homepage ?? recipe?.homepage
    }
}

/// A file of a variant, as it is fetched.
package struct ReleaseFile: Hashable, Sendable {
    package var format: String
    package var provider: String?
    package var architecture: String
    package var name: String
    package var mediaType: String
    package var digest: Digest
    package var size: Int64
    /// What its publisher said of it beside the digest, as `KIND:HEX`.
    package var checksum: String?
}

/// Documents that are stored with a release.
package enum ArtifactKind: String, CaseIterable, Sendable {
    case recipe, lock, sbom, log, provenance

    package var mediaType: String {
        switch self {
        case .recipe: MediaType.recipe
        case .lock: MediaType.lock
        case .sbom: MediaType.sbom
        case .log: MediaType.buildLog
        case .provenance: MediaType.provenance
        }
    }

    package init?(artifactType: String?) {
        guard let kind = Self.allCases.first(where: { $0.mediaType == artifactType }) else { return nil }
        self = kind
    }
}

/// A layer of an image, lowest first.
package struct LayerHistory: Hashable, Sendable {
    package var createdBy: String
    package var size: Int64
    package var digest: Digest?
}

/// What making the index again found.
package struct RebuildReport: Hashable, Sendable, Codable {
    package var releases: Int
    package var tags: Int
    /// Jobs that came back from their folders.
    package var jobs = 0
    /// Files, releases and jobs that could not be read.
    package var problems: [String]
}
