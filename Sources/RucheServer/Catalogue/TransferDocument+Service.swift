import RucheCore
import RucheImages
package import RucheService
package import RucheWire

extension TransferDocument {
    package init(_ offer: ReleaseOffer) {
        let release = offer.release
        self.init(
            name: release.name, version: release.version, digest: release.digest, publishedAt: release.publishedAt,
            referrers: release.referrers.map { Blob($0) }, blobs: offer.blobs.map { Blob($0) })
        attached = offer.attached.map { Blob($0) }
        pushed = release.pushed.map { Blob($0) }
        revokedReason = release.revocation?.reason
        environment = offer.profile.map { EnvironmentRequest($0) }
    }

    /// What was sent, as far as it says; the blobs say the rest.
    package var offer: ReleaseOffer {
        var profile = environment.map { _ in EnvironmentProfile() }
        if var made = profile {
            environment?.apply(to: &made)
            profile = made
        }
        return ReleaseOffer(
            release: Release(
                name: name, version: version, digest: digest, index: ImageIndex(manifests: []),
                referrers: referrers.map(\.descriptor), publishedAt: publishedAt, pushed: pushed?.descriptor),
            attached: attached.map(\.descriptor), profile: profile)
    }
}

extension TransferDocument.Blob {
    init(_ descriptor: Descriptor) {
        self.init(digest: descriptor.digest, size: descriptor.size, mediaType: descriptor.mediaType)
        artifactType = descriptor.artifactType
        annotations = descriptor.annotations
        platform = descriptor.platform.map {
            Platform(architecture: $0.architecture, os: $0.os, variant: $0.variant)
        }
    }

    var descriptor: Descriptor {
        Descriptor(
            mediaType: mediaType, digest: digest, size: size, artifactType: artifactType,
            platform: platform.map {
                Descriptor.Platform(architecture: $0.architecture, os: $0.os, variant: $0.variant)
            }, annotations: annotations)
    }
}

extension EnvironmentRequest {
    init(_ profile: EnvironmentProfile) {
        self.init()
        visibility = profile.visibility
        summary = profile.summary
        description = profile.description
        license = profile.license
        authors = profile.authors
        keywords = profile.keywords
        homepage = profile.homepage
    }
}
