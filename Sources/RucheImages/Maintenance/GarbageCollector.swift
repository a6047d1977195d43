import Glibc
package import RucheCore
import RucheHost
import SystemPackage

/// Removes what no release reaches: blobs, and unpacked layers that nobody asked for in a while.
///
/// Never removed: what a live lease of any process protects, what is being written, layers that are mounted.
package struct GarbageCollector: Sendable {
    /// What went, or would go.
    package struct Collection: Hashable, Sendable {
        package var blobs: [StoredBlob] = []
        /// Diff ids of unpacked layers.
        package var layers: [Digest] = []
        package var bytes: ByteCount = ByteCount(0)
    }

    private let store: FileContentStore
    private let releases: FileReleaseStore
    private let cache: FileLayerCache
    private let layersUnusedFor: Int64

    /// Unpacked layers of no release go when nobody asked for them in `layersUnusedFor` seconds.
    package init(
        store: FileContentStore, releases: FileReleaseStore, cache: FileLayerCache,
        layersUnusedFor: Int64 = 30 * 24 * 3600
    ) {
        self.store = store
        self.releases = releases
        self.cache = cache
        self.layersUnusedFor = layersUnusedFor
    }

    /// `isNeeded` tells of more roots, such as uploaded files. It is asked again for each blob when that is about
    /// to go: what got its name after this began stays.
    ///
    /// Throws `corrupt_content` and removes nothing while a release can't be read: what it reaches is unknown.
    package func collect(
        dryRun: Bool, unless isNeeded: @Sendable (Digest) async throws -> Bool = { _ in false }
    ) async throws -> Collection {
        // Names may change meanwhile: nobody who pushes or pulls waits for this.
        let collecting = try await CollectionMark.set(in: store.leaseFolder)
        do {
            let (reached, diffIDs) = try await mark()
            var result = try await collectBlobs(reached, dryRun: dryRun, unless: isNeeded)
            for digest in try cache.unused(since: layersUnusedFor) where !diffIDs.contains(digest) {
                guard let size = try await cache.remove(digest, unusedFor: layersUnusedFor, dryRun: dryRun) else {
                    continue
                }
                result.layers.append(digest)
                result.bytes.bytes += size
            }
            try collecting.clear()
            return result
        } catch {
            try collecting.clear()
            throw error
        }
    }

    private func collectBlobs(
        _ reached: Set<Digest>, dryRun: Bool, unless isNeeded: @Sendable (Digest) async throws -> Bool
    ) async throws -> Collection {
        let protected = reached.union(try ContentLease.protected(in: store.leaseFolder))
        var result = Collection()
        if !dryRun { try store.removeDeadWrites() }
        for digest in try await store.all() where !protected.contains(digest) {
            try Task.checkCancellation()
            let size: Int64?
            if dryRun {
                size = try await isNeeded(digest) ? nil : try await store.peek(digest)
            } else {
                size = try await store.collect(digest, unless: isNeeded)
            }
            guard let size else { continue }
            result.blobs.append(StoredBlob(digest: digest, size: ByteCount(size)))
            result.bytes.bytes += size
        }
        return result
    }

    /// Every blob that a release, a pushed manifest or a draft reaches, and the diff ids of the releases' images.
    private func mark() async throws -> (blobs: Set<Digest>, diffIDs: Set<Digest>) {
        let (all, problems) = try await releases.all()
        guard problems.isEmpty else {
            throw RucheError(
                .corruptContent,
                "nothing is collected while a release can't be read: \(problems.joined(separator: "; "))")
        }
        var blobs: Set<Digest> = []
        var diffIDs: Set<Digest> = []
        for release in all {
            let contents = try await ReleaseContents(of: release, in: store)
            if let digest = contents.unreadable.first {
                throw RucheError(
                    .corruptContent,
                    "nothing is collected while \(release.name):\(release.version) has the damaged blob \(digest): run \"ruche verify\""
                )
            }
            let missing = Set(contents.missing)
            if let lost = contents.blobs.first(where: { missing.contains($0.digest) && $0.namesOthers }) {
                throw RucheError(
                    .corruptContent,
                    "nothing is collected while \(release.name):\(release.version) misses \(lost.digest), which names its other blobs: publish it again, or remove it"
                )
            }
            blobs.formUnion(contents.blobs.map(\.digest))
            for config in contents.blobs where config.mediaType == MediaType.imageConfig {
                guard !contents.missing.contains(config.digest) else { continue }
                let values = try await store.document(ImageConfig.self, config.digest)
                diffIDs.formUnion(values.rootfs.diff_ids.compactMap { Digest($0) })
            }
        }
        for name in try await releases.environments() {
            for manifest in try await releases.pushedManifests(of: name) {
                blobs.insert(manifest.descriptor.digest)
                blobs.formUnion(manifest.children.map(\.digest))
            }
            for draft in try await releases.drafts(name) { blobs.formUnion(draft.variants.compactMap(\.blob)) }
        }
        return (blobs, diffIDs)
    }
}
