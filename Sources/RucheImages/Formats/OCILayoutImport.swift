import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Reads an OCI image layout (image specification 1.1, image-layout.md), as a folder or a tar.
struct OCILayoutImport {
    private let store: any ContentStore
    private let name: String
    /// Nil for an archive, whose blobs are in the store already.
    private let folder: FilePath?
    private let index: ForeignIndex

    private static let documentLimit = 4 << 20

    init(folder: FilePath, store: any ContentStore) throws {
        self.folder = folder
        self.store = store
        name = folder.string
        try Self.check(layout: try Self.read(folder.appending("oci-layout"), in: folder), name)
        let bytes = try Self.read(folder.appending("index.json"), in: folder)
        index = try CanonicalJSON.decode(ForeignIndex.self, bytes, "\"\(name)/index.json\"")
    }

    /// Stores every blob of the archive that is what its name says.
    init(archive: FilePath, store: any ContentStore, limits: ArchiveLimits) async throws {
        self.store = store
        folder = nil
        name = archive.string
        var documents: [String: [UInt8]] = [:]
        let reader = try ArchiveReader(archive, limits: limits)
        while let entry = try reader.next() {
            let path = try SafePath.text(entry.path)
            if ["oci-layout", "index.json"].contains(path) {
                try Self.requireFile(entry)
                documents[path] = try reader.content(limit: Self.documentLimit)
            } else if path.hasPrefix("blobs/sha256/"), let digest = Digest(hex: String(path.dropFirst(13))) {
                try Self.requireFile(entry)
                _ = try await store.ingest(expected: digest) { try reader.nextChunk() }
            }
        }
        try reader.drain()
        guard let layout = documents["oci-layout"], let bytes = documents["index.json"] else {
            throw RucheError(
                .invalidArchive, "\"\(name)\" is no OCI archive: \"oci-layout\" or \"index.json\" is missing")
        }
        try Self.check(layout: layout, name)
        index = try CanonicalJSON.decode(ForeignIndex.self, bytes, "index.json in \"\(name)\"")
    }

    func run(architecture: String, tag: String?) async throws -> ImageImporter.Imported {
        let chosen = try await choose(architecture, tag)
        try await ensure(chosen)
        let bytes = try await store.data(chosen.digest, limit: Self.documentLimit)
        let manifest = try CanonicalJSON.decode(ForeignManifest.self, bytes, "manifest \(chosen.digest)")
        try await ensure(manifest.config)
        for layer in manifest.layers {
            _ = try layer.layerCompressions  // refused before anything large is copied
            try await ensure(layer)
        }
        let layers = manifest.layers.map {
            Descriptor(mediaType: $0.ociLayerType, digest: $0.digest, size: $0.size)
        }
        // The manifest is kept as it is when it is plain OCI, so that its digest stays what people cite.
        var original: Descriptor?
        if (try? CanonicalJSON.decode(Manifest.self, bytes, "manifest"))?.isPlainOCI == true {
            original = Descriptor(
                mediaType: MediaType.imageManifest, digest: chosen.digest, size: chosen.size,
                platform: Descriptor.Platform(architecture: architecture))
        }
        return try await ImageCheck(store: store).finish(
            configDigest: manifest.config.digest, layers: layers, architecture: architecture, original: original)
    }

    private func choose(_ architecture: String, _ tag: String?) async throws -> Descriptor {
        var top = index.manifests
        if let tag {
            top = top.filter {
                $0.annotations?[Annotation.refName].map { $0 == tag || $0.hasSuffix(":\(tag)") } ?? false
            }
            if top.isEmpty {
                let known = index.manifests.compactMap { $0.annotations?[Annotation.refName] }
                throw RucheError(.notFound, "\"\(name)\" has no image \"\(tag)\"; it has \(Self.list(known))")
            }
        }
        var found: [Descriptor] = []
        for descriptor in top { try await expand(descriptor, depth: 0, into: &found) }
        let exact = found.filter { $0.platform?.architecture == architecture && $0.platform?.os == "linux" }
        let candidates = exact.isEmpty ? found.filter { $0.platform == nil } : exact
        let digests = Set(candidates.map(\.digest))
        guard let first = candidates.first else {
            let known = found.compactMap { $0.platform.map { "\($0.os)/\($0.architecture)" } }
            throw RucheError(
                .notFound, "\"\(name)\" has no image for linux/\(architecture); it has \(Self.list(known))")
        }
        guard digests.count == 1 else {
            let known = index.manifests.compactMap { $0.annotations?[Annotation.refName] }
            throw RucheError(
                .invalidInput,
                "\"\(name)\" has \(digests.count) images for \(architecture): choose one by its tag (\(Self.list(known)))"
            )
        }
        return first
    }

    private func expand(_ descriptor: Descriptor, depth: Int, into found: inout [Descriptor]) async throws {
        switch descriptor.mediaType {
        case MediaType.imageManifest, MediaType.dockerManifest: found.append(descriptor)
        case MediaType.imageIndex, MediaType.dockerManifestList:
            guard depth < 4 else { throw RucheError(.invalidInput, "\"\(name)\" nests indexes more than 4 deep") }
            try await ensure(descriptor)
            let bytes = try await store.data(descriptor.digest, limit: Self.documentLimit)
            let nested = try CanonicalJSON.decode(ForeignIndex.self, bytes, "index \(descriptor.digest)")
            for child in nested.manifests { try await expand(child, depth: depth + 1, into: &found) }
        default: break  // an artifact of another kind
        }
    }

    /// Makes sure that a blob is in the store, with the size its descriptor says.
    private func ensure(_ descriptor: Descriptor) async throws {
        if let folder, try await store.size(of: descriptor.digest) == nil {
            let path = folder.appending("blobs").appending("sha256").appending(descriptor.digest.hex)
            _ = try await store.ingest(path, expected: descriptor.digest)
        }
        guard let size = try await store.size(of: descriptor.digest) else {
            throw RucheError(.notFound, "\"\(name)\" does not hold blob \(descriptor.digest), which its image needs")
        }
        guard size.bytes == descriptor.size else {
            throw RucheError(
                .invalidInput,
                "blob \(descriptor.digest) has \(size.bytes) bytes, and its descriptor says \(descriptor.size)")
        }
    }

    private static func read(_ path: FilePath, in folder: FilePath) throws -> [UInt8] {
        do { return try AtomicFile.read(path, limit: documentLimit) } catch Errno.noSuchFileOrDirectory {
            throw RucheError(.notFound, "\"\(folder)\" is no OCI image layout: there is no \"\(path)\"")
        } catch let error as Errno {
            throw RucheError.storage(error, "read", path)
        }
    }

    private static func check(layout: [UInt8], _ name: String) throws {
        struct Layout: Decodable { var imageLayoutVersion: String }
        let version = try CanonicalJSON.decode(Layout.self, layout, "oci-layout of \"\(name)\"").imageLayoutVersion
        guard version.hasPrefix("1.") else {
            throw RucheError(.unsupported, "\"\(name)\" has the layout version \(version), and 1.x is known here")
        }
    }

    private static func requireFile(_ entry: ArchiveEntry) throws {
        guard entry.kind == .regular else {
            throw RucheError(
                .invalidArchive, "\"\(entry.name)\" in an OCI archive must be a file, not a link or folder")
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.prefix(20).joined(separator: ", ")
    }
}
