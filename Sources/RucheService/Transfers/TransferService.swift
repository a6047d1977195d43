import Foundation
package import RucheCore
import RucheHost
import RucheImages
import RucheStore

/// Releases on their way from one site to another: the same bytes, whole, under the same digest.
package struct TransferService: Sendable {
    private let registry: RegistryService
    private let environments: EnvironmentService
    private var store: any CatalogueStore { registry.store }
    private var content: any ContentStore { registry.content }

    package init(registry: RegistryService, environments: EnvironmentService) {
        self.registry = registry
        self.environments = environments
    }

    // MARK: Giving

    /// Throws `not_found`.
    package func offer(_ reference: ReleaseReference) async throws -> ReleaseOffer {
        let release = try await registry.catalogue.resolve(reference)
        let profile = try await store.environment(release.name)?.profile
        guard release.revocation == nil else { return ReleaseOffer(release: release, profile: profile) }
        var attached: [Descriptor] = []
        for subject in [release.digest] + release.index.manifests.map(\.digest) {
            attached += try await store.pushedReferrers(of: subject, in: release.name).map(\.descriptor)
        }
        let known = Set(release.referrers.map(\.digest))
        attached.removeAll { known.contains($0.digest) }
        var all = release
        all.referrers += attached
        let contents = try await ReleaseContents(of: all, in: content)
        return ReleaseOffer(release: release, attached: attached, blobs: contents.blobs, profile: profile)
    }

    // MARK: Taking

    /// Which of these blobs an environment still needs. Those that the caller may fetch here anyway are its own then.
    package func missing(
        _ digests: [Digest], in name: EnvironmentName, visibleTo owners: OwnerSelection
    ) async throws -> [Digest] {
        // What is seen to be here stays until it is noted.
        let lease = try registry.lease()
        defer { lease.end() }
        var here: [Digest: Int64] = [:]
        for digest in digests { here[digest] = try await content.size(of: digest)?.bytes }
        let (candidates, time) = (here, registry.now())
        let known = try await registry.database.write { connection in
            let blobs = EnvironmentBlobRepository(connection)
            return try candidates.filter { digest, size in
                let text = digest.description
                guard
                    try blobs.has(text, in: name.description) || blobs.isVisible(text, to: owners.names)
                else { return false }
                try blobs.push(text, size: size, to: name.description, at: time)
                return true
            }
        }
        return digests.filter { known[$0] == nil }
    }

    /// How much of a blob came, and whether it is whole.
    package func state(of digest: Digest, in name: EnvironmentName) async throws -> (offset: Int64, isComplete: Bool) {
        if try await registry.has(digest, in: name), let size = try await content.size(of: digest) {
            return (size.bytes, true)
        }
        do { return (try registry.uploads.size(Self.upload(of: digest), of: name), false) } catch let error
            as RucheError where error.code == .notFound
        { return (0, false) }
    }

    /// Appends what `body` sends; with the last byte the blob is compared with its digest and kept. What came before
    /// a failure stays for another attempt. Throws `invalid_state` with the detail `offset`, or `checksum_mismatch`.
    package func receive(
        _ digest: Digest, size: Int64, at offset: Int64, for name: EnvironmentName,
        _ body: (_ send: @escaping (UnsafeRawBufferPointer) throws -> Void) async throws -> Void
    ) async throws -> (offset: Int64, isComplete: Bool) {
        let id = Self.upload(of: digest)
        try registry.uploads.beginOrGoOn(id, for: name)
        do {
            let reached = try await registry.append(to: id, of: name, at: offset) { send in
                var count = offset
                try await body { bytes in
                    count += Int64(bytes.count)
                    guard count <= size else {
                        throw RucheError(
                            .checksumMismatch, "the blob \(digest) has over \(size) bytes, which it should have")
                    }
                    try send(bytes)
                }
            }
            guard reached >= size else { return (reached, false) }
        } catch let error as RucheError where error.code == .checksumMismatch {
            try? registry.uploads.cancel(id, of: name)  // the first error is the one to report
            throw error
        }
        try await registry.finish(id, of: name, expected: digest)
        return (size, true)
    }

    /// Publishes a release whose blobs came. The same one again is no error. Throws `not_found` with the detail
    /// `digest` for what is not here, `invalid_input` for documents that do not fit together, and `release_immutable`.
    package func publish(_ offer: ReleaseOffer, mirrorOf site: String? = nil) async throws {
        let lease = try registry.lease()
        defer { lease.end() }
        let release = try await checked(offer, site)
        try await prepare(offer, site)
        try await store.publish(release)
        try await registry.catalogue.published(release)
        for manifest in offer.attached {
            let bytes = try await content.data(manifest.digest, limit: RegistryService.manifestLimit)
            _ = try await registry.push(
                bytes, mediaType: manifest.mediaType, to: release.name, as: manifest.digest.description)
        }
    }

    /// The release as its documents say, every blob of which the environment has.
    private func checked(_ offer: ReleaseOffer, _ site: String?) async throws -> Release {
        var release = offer.release
        let (name, version) = (release.name, release.version)
        try await store.release(name, version)?.requireStanding()
        try await require(release.digest, size: nil, in: name)
        release.index = try await content.document(ImageIndex.self, release.digest)
        for (key, value) in [(Annotation.name, name.description), (Annotation.version, version.description)] {
            guard let own = release.index.annotations?[key], own != value else { continue }
            throw RucheError(
                .invalidInput, "the release \(release.digest.short) says it is \(own.prefix(160)), not \(value)")
        }
        if let pushed = release.pushed, !release.index.manifests.contains(where: { $0.digest == pushed.digest }) {
            throw RucheError(.invalidInput, "\(pushed.digest) is no part of \(name):\(version)")
        }
        for referrer in release.referrers {
            try await require(referrer.digest, size: referrer.size, in: name)
            let manifest = try await content.document(Manifest.self, referrer.digest)
            guard manifest.subject?.digest == release.digest else {
                throw RucheError(.invalidInput, "\(referrer.digest) is not about \(name):\(version)")
            }
        }
        for blob in try await ReleaseContents(of: release, in: content).blobs {
            try await require(blob.digest, size: blob.digest == release.digest ? nil : blob.size, in: name)
        }
        release.publishedAt = min(release.publishedAt, registry.now() / 1000)
        release.origin = site
        release.revocation = nil
        return release
    }

    private func require(_ digest: Digest, size: Int64?, in name: EnvironmentName) async throws {
        guard try await registry.has(digest, in: name), let here = try await content.size(of: digest)?.bytes else {
            throw RucheError(
                .notFound, "\(name) has no blob \(digest), which the release needs: send it first",
                details: ["digest": digest.description])
        }
        guard size == nil || size == here else {
            throw RucheError(.invalidInput, "\(digest) has \(here) bytes, and the release says \(size ?? 0)")
        }
    }

    /// Makes the environment where there is none.
    private func prepare(_ offer: ReleaseOffer, _ site: String?) async throws {
        let name = offer.release.name
        if let record = try await store.environment(name) {
            guard let site, record.mirrorOf != site else { return }
            guard try await registry.catalogue.versions(of: name).isEmpty else {
                throw RucheError(.conflict, "\(name) is here already and is no copy of \(site)'s: it is left as it is")
            }
            _ = try await environments.create(name, offer.profile ?? record.profile, mirrorOf: site, isReplacing: true)
        } else {
            _ = try await environments.create(name, offer.profile ?? EnvironmentProfile(), mirrorOf: site)
        }
    }

    /// Where the bytes of a blob are collected: the same place whoever sends them, and after whatever break.
    private static func upload(of digest: Digest) -> Identifier {
        var generator = DigestDigits(digest)
        return Identifier(milliseconds: 0, using: &generator)
    }
}

/// The digits of a digest in the place of chance.
private struct DigestDigits: RandomNumberGenerator {
    private var digits: Substring

    init(_ digest: Digest) { digits = digest.hex[...] }

    mutating func next() -> UInt64 {
        defer { digits = digits.dropFirst(16) }
        return UInt64(digits.prefix(16), radix: 16) ?? 0
    }
}
