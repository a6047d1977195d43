import RucheCore
import RucheWire
import Testing

/// Documents of the catalogue with every member set.
enum CatalogueSamples {
    private static let digest = Digest(bytes: [UInt8](repeating: 7, count: 32))

    private static func name() throws -> EnvironmentName { try #require(EnvironmentName("lab/x")) }
    private static func version() throws -> ReleaseVersion { try #require(ReleaseVersion("1.0")) }

    static func all() throws -> [(String, any Encodable)] {
        [
            ("SearchDocument", try search()), ("DraftDocument", try draft()), ("ReleaseFileDocument", file()),
            ("SpaceDocument", SpaceDocument(items: [.init(name: "lab", bytes: 3, uniqueBytes: 1)], bytes: 3)),
            (
                "ScrubDocument",
                ScrubDocument(isResumed: true, blobs: 1, bytes: 1, damaged: [digest], releases: ["lab/x:1.0"])
            ), ("SoftwarePackage", SoftwarePackage(name: "n", version: "1", purl: "pkg:x/n@1", license: "MIT")),
        ]
    }

    static func fill(_ release: inout ReleaseDocument) {
        (release.description, release.license, release.homepage) = ("d", "MIT", "https://x")
        release.authors = [.init(name: "Ada", orcid: "0000-0002-1825-0097", email: "a@x")]
        (release.variants[0].provider, release.variants[0].checksum) = ("libvirt", "md5:00")
        release.variants[0].url = "https://x"
    }

    private static func file() -> ReleaseFileDocument {
        var file = ReleaseFileDocument(
            format: "box", architecture: "amd64", name: "n", mediaType: "m", digest: digest, size: 1)
        (file.provider, file.checksum) = ("libvirt", "md5:00")
        return file
    }

    private static func draft() throws -> DraftDocument {
        var variant = DraftDocument.Variant(provider: "libvirt", architecture: "amd64", isDefault: true)
        (variant.digest, variant.size, variant.checksum, variant.url) = (digest, 1, "md5:00", "https://x")
        var draft = DraftDocument(
            name: try name(), version: try version(), variants: [variant], createdAt: 1, updatedAt: 2)
        draft.description = "d"
        return draft
    }

    private static func search() throws -> SearchDocument {
        var hit = SearchHitDocument(name: try name(), version: try version(), digest: digest, downloads: 1)
        (hit.summary, hit.license, hit.revokedReason) = ("s", "MIT", "r")
        return SearchDocument(
            items: [hit], total: 1,
            facets: [SearchFacetDocument(name: .os, values: [.init(value: "debian", count: 1)])], next: "n")
    }
}
