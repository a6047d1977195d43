package import RucheCore

extension Descriptor {
    /// Whether the blob is a manifest or an index.
    var namesOthers: Bool {
        [
            MediaType.imageIndex, MediaType.dockerManifestList, MediaType.imageManifest, MediaType.dockerManifest,
        ].contains(mediaType)
    }
}

/// Everything that a release reaches in the store, each blob once.
package struct ReleaseContents: Sendable {
    /// The index itself, manifests, configurations, layers, artifacts; in the order met.
    package private(set) var blobs: [Descriptor] = []
    /// Blobs that are not there.
    package private(set) var missing: [Digest] = []
    /// Manifests and indexes that can't be read: what they reach is unknown.
    package private(set) var unreadable: [Digest] = []
    private var seen: Set<Digest> = []

    /// Bytes of every blob, each counted once.
    package var size: ByteCount { ByteCount(blobs.reduce(0) { $0 + $1.size }) }

    /// Walks from the index and the referrers. Never throws for what is missing or damaged, but reports it.
    package init(of release: Release, in store: any ContentStore) async throws {
        let size = try await store.size(of: release.digest)?.bytes ?? 0
        let index = Descriptor(mediaType: MediaType.imageIndex, digest: release.digest, size: size)
        for root in [index] + release.referrers { try await visit(root, depth: 0, store) }
    }

    private mutating func visit(_ descriptor: Descriptor, depth: Int, _ store: any ContentStore) async throws {
        guard seen.insert(descriptor.digest).inserted else { return }
        blobs.append(descriptor)
        guard try await store.size(of: descriptor.digest) != nil else {
            missing.append(descriptor.digest)
            return
        }
        let children: [Descriptor]
        do {
            children = try await Self.children(of: descriptor, store)
        } catch let error as RucheError
            where [.corruptContent, .invalidInput, .notFound].contains(error.code)
        {
            unreadable.append(descriptor.digest)
            return
        }
        // No document of ours nests deeper; one that does is not followed for ever.
        guard depth < 8 else {
            unreadable.append(descriptor.digest)
            return
        }
        for child in children { try await visit(child, depth: depth + 1, store) }
    }

    private static func children(of descriptor: Descriptor, _ store: any ContentStore) async throws -> [Descriptor] {
        switch descriptor.mediaType {
        case MediaType.imageIndex, MediaType.dockerManifestList:
            return try await store.document(ImageIndex.self, descriptor.digest).manifests
        case MediaType.imageManifest, MediaType.dockerManifest:
            let manifest = try await store.document(Manifest.self, descriptor.digest)
            return [manifest.config] + manifest.layers
        default: return []
        }
    }
}
