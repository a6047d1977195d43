import RucheCore
import RucheHost

/// What the layers of images hold, each layer read once.
struct LayerListings {
    struct File: Hashable {
        var kind: ArchiveEntry.Kind
        var permissions: UInt32
        var uid: UInt32
        var gid: UInt32
        var size: Int64
        var link: [UInt8]
        /// Nil for everything but a regular file.
        var content: Digest?
    }

    private struct Listing {
        var files: [[UInt8]: File] = [:]
        /// Paths that hide what lower layers have there and below.
        var hidden: Set<[UInt8]> = []
        /// Folders that hide what lower layers have in them.
        var opaque: Set<[UInt8]> = []
    }

    let store: any ContentStore
    private var known: [Digest: Listing] = [:]

    init(store: any ContentStore) { self.store = store }

    /// Every file of an image, layers merged, by path without a leading slash.
    mutating func files(of manifest: Descriptor) async throws -> [[UInt8]: File] {
        var result: [[UInt8]: File] = [:]
        for layer in try await ImageLayers(store: store).list(manifest) {
            let listing = try await listing(layer.blob)
            if !listing.hidden.isEmpty || !listing.opaque.isEmpty {
                result = result.filter { !Self.isHidden($0.key, by: listing) }
            }
            result.merge(listing.files) { $1 }
        }
        return result
    }

    private static func isHidden(_ path: [UInt8], by listing: Listing) -> Bool {
        if listing.hidden.contains(path) || listing.opaque.contains([]) { return true }
        for index in path.indices where path[index] == 47 {
            let parent = Array(path[..<index])
            if listing.hidden.contains(parent) || listing.opaque.contains(parent) { return true }
        }
        return false
    }

    private mutating func listing(_ blob: Descriptor) async throws -> Listing {
        if let listing = known[blob.digest] { return listing }
        let listing = try await store.withFile(blob.digest) { path in
            var listing = Listing()
            let reader = try ArchiveReader(path, compressions: try blob.layerCompressions)
            while let entry = try reader.next() {
                try Task.checkCancellation()
                try Self.add(entry, reader, to: &listing)
            }
            return listing
        }
        known[blob.digest] = listing
        return listing
    }

    private static func add(_ entry: ArchiveEntry, _ reader: ArchiveReader, to listing: inout Listing) throws {
        let components = try SafePath.components(entry.path)
        guard let name = components.last else { return }
        let parent = Array(components.dropLast().joined(separator: [47]))
        if name == Whiteout.opaqueName {
            listing.opaque.insert(parent)
            return
        }
        if name.starts(with: Whiteout.prefix) {
            listing.hidden.insert((parent.isEmpty ? [] : parent + [47]) + name.dropFirst(Whiteout.prefix.count))
            return
        }
        let path = Array(components.joined(separator: [47]))
        if entry.kind == .hardLink {
            let target = Array(try SafePath.components(entry.link).joined(separator: [47]))
            listing.files[path] = listing.files[target]
            listing.hidden.insert(path)
            return
        }
        var file = File(
            kind: entry.kind, permissions: entry.permissions, uid: entry.uid, gid: entry.gid, size: entry.size,
            link: entry.link)
        if entry.kind == .regular {
            var hasher = StreamHasher()
            while let block = try reader.nextBlock() { hasher.update(block.bytes) }
            file.content = hasher.finish()
        }
        listing.files[path] = file
        if entry.kind != .folder { listing.hidden.insert(path) }
    }
}
