import RucheCore
import RucheHost
import SystemPackage

/// Reads what `docker save` writes: `manifest.json`, a configuration, and a tar for each layer, where equal
/// layers may be links to each other.
struct DockerArchiveImport {
    let path: FilePath
    let store: any ContentStore
    let limits: ArchiveLimits

    private static let documentLimit = 4 << 20

    private struct Item: Decodable {
        var Config: String
        var RepoTags: [String]?
        var Layers: [String]
    }

    /// What the first pass over the archive finds.
    private struct Contents {
        var manifest: [UInt8]?
        var files: Set<String> = []
        /// Links by path, with the path in the archive they point to.
        var links: [String: String] = [:]
    }

    func run(architecture: String, tag: String?) async throws -> ImageImporter.Imported {
        let contents = try list()
        guard let manifest = contents.manifest else {
            throw RucheError(.invalidArchive, "\"\(path)\" is no docker archive: \"manifest.json\" is missing")
        }
        let items = try CanonicalJSON.decode([Item].self, manifest, "manifest.json in \"\(path)\"")
        let item = try choose(items, tag)
        guard item.Layers.count <= 1000 else {
            throw RucheError(.invalidArchive, "\"\(path)\" has \(item.Layers.count) layers, more than 1000")
        }
        let configPath = try resolve(item.Config, contents)
        let layerPaths = try item.Layers.map { try resolve($0, contents) }
        let blobs = try await extract(Set(layerPaths + [configPath]), config: configPath)
        guard let config = blobs[configPath]?.digest else { throw missing(item.Config) }
        let layers = try layerPaths.map { path in
            guard let layer = blobs[path] else { throw missing(path) }
            return layer
        }
        return try await ImageCheck(store: store).finish(
            configDigest: config, layers: layers, architecture: architecture)
    }

    private func list() throws -> Contents {
        var contents = Contents()
        let reader = try ArchiveReader(path, limits: limits)
        while let entry = try reader.next() {
            let name = try Self.normal(entry.path)
            contents.files.remove(name)
            contents.links[name] = nil
            switch entry.kind {
            case .regular:
                contents.files.insert(name)
                if name == "manifest.json" { contents.manifest = try reader.content(limit: Self.documentLimit) }
            case .hardLink: contents.links[name] = try Self.normal(entry.link)
            case .symbolicLink: contents.links[name] = try target(of: entry, at: name)
            default: break
            }
        }
        return contents
    }

    /// Where a symbolic link points, inside the archive.
    private func target(of entry: ArchiveEntry, at name: String) throws -> String {
        var parts = entry.link.first == 47 ? [] : name.split(separator: "/").dropLast().map(String.init)
        for part in String(decoding: entry.link, as: UTF8.self).split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(String(part))
            } else if parts.popLast() == nil {
                throw RucheError(.invalidArchive, "the link \"\(name)\" in \"\(path)\" leaves the archive")
            }
        }
        return parts.joined(separator: "/")
    }

    private func resolve(_ name: String, _ contents: Contents) throws -> String {
        var current = try Self.normal(Array(name.utf8))
        for _ in 0..<8 {
            if contents.files.contains(current) { return current }
            guard let next = contents.links[current] else { throw missing(name) }
            current = next
        }
        throw RucheError(.invalidArchive, "\"\(name)\" in \"\(path)\" is a link that leads nowhere")
    }

    private func choose(_ items: [Item], _ tag: String?) throws -> Item {
        let known = items.flatMap { $0.RepoTags ?? [] }
        let list = known.isEmpty ? "none" : known.prefix(20).joined(separator: ", ")
        let found =
            tag.map { tag in
                items.filter { $0.RepoTags?.contains { $0 == tag || $0.hasSuffix(":\(tag)") } ?? false }
            } ?? items
        guard let item = found.first else {
            throw RucheError(.notFound, "\"\(path)\" has no image \"\(tag ?? "")\"; it has \(list)")
        }
        guard found.count == 1 else {
            throw RucheError(.invalidInput, "\"\(path)\" has \(found.count) images: choose one by its tag (\(list))")
        }
        return item
    }

    /// Stores the named files in a second pass, each with the media type its first bytes say.
    private func extract(_ wanted: Set<String>, config: String) async throws -> [String: Descriptor] {
        var result: [String: Descriptor] = [:]
        let reader = try ArchiveReader(path, limits: limits)
        while let entry = try reader.next() {
            let name = try Self.normal(entry.path)
            guard entry.kind == .regular, wanted.contains(name) else { continue }
            if name == config, entry.size > CanonicalJSON.limit {
                throw RucheError(
                    .invalidArchive, "\"\(name)\" in \"\(path)\" is larger than \(CanonicalJSON.limit) bytes")
            }
            var start: [UInt8] = []
            let blob = try await store.ingest(expected: try Self.promised(name)) {
                let chunk = try reader.nextChunk()
                if start.isEmpty { start = Array((chunk ?? []).prefix(4)) }
                return chunk
            }
            result[name] = Descriptor(
                mediaType: Self.layerType(start), digest: blob.digest, size: blob.size.bytes)
        }
        return result
    }

    /// Names that are a digest are a promise: `HEX.json` and `blobs/sha256/HEX`.
    private static func promised(_ name: String) throws -> Digest? {
        let file = name.split(separator: "/").last ?? ""
        if name.hasPrefix("blobs/sha256/") { return Digest(hex: String(file)) }
        return file.hasSuffix(".json") ? Digest(hex: String(file.dropLast(5))) : nil
    }

    private static func layerType(_ start: [UInt8]) -> String {
        if start.starts(with: [0x1f, 0x8b]) { return MediaType.layerTarGzip }
        return start == [0x28, 0xb5, 0x2f, 0xfd] ? MediaType.layerTarZstd : MediaType.layerTar
    }

    private static func normal(_ path: [UInt8]) throws -> String {
        try SafePath.text(path)
    }

    private func missing(_ name: String) -> RucheError {
        RucheError(.invalidArchive, "\"\(path)\" does not hold \"\(name)\", which its image needs")
    }
}
