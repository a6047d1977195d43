import RucheCore
import RucheHost
import RucheImages

/// An image as one OCI archive, without writing it: headers, and the blobs where they are. The same image is always the
/// same bytes.
struct ImageArchive {
    private(set) var parts: [DownloadFile.Part] = []

    /// `reference` is what the image is called in the archive.
    init(_ image: Descriptor, manifest: Manifest, reference: String) throws {
        var named = image
        named.annotations = [Annotation.refName: reference]
        try add("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        try add("index.json", try CanonicalJSON.encode(ImageIndex(manifests: [named])))
        var seen: Set<Digest> = []
        for blob in ([image, manifest.config] + manifest.layers).sorted(by: { $0.digest < $1.digest })
        where seen.insert(blob.digest).inserted {
            header("blobs/sha256/\(blob.digest.hex)", blob.size)
            parts.append(.blob(blob.digest, size: blob.size))
            pad(after: blob.size)
        }
        parts.append(.bytes(TarEncoder.end))
    }

    private mutating func add(_ path: String, _ bytes: [UInt8]) throws {
        header(path, Int64(bytes.count))
        parts.append(.bytes(bytes))
        pad(after: Int64(bytes.count))
    }

    private mutating func header(_ path: String, _ size: Int64) {
        let entry = ArchiveEntry(path: Array(path.utf8), kind: .regular, permissions: 0o644, size: size)
        parts.append(.bytes(TarEncoder.header(entry)))
    }

    private mutating func pad(after size: Int64) {
        let padding = TarEncoder.padding(after: size)
        if padding > 0 { parts.append(.bytes([UInt8](repeating: 0, count: padding))) }
    }
}
