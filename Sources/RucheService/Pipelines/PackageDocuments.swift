import RucheCore
import RucheImages

/// The documents of a pipeline as an artifact that refers to its release: one layer each, titled by its kind.
struct PackageDocuments: Sendable {
    private static let limit = 16 << 20

    let content: any ContentStore

    /// Nil when there are none.
    func write(_ documents: [PackageDocumentKind: [UInt8]], subject: Descriptor) async throws -> Descriptor? {
        guard !documents.isEmpty else { return nil }
        let files = documents.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, bytes in
            (bytes: bytes, mediaType: Self.mediaType(kind, bytes), title: kind.rawValue)
        }
        return try await ReleaseAssembler(store: content).artifact(
            type: MediaType.documents, payload: files, subject: subject)
    }

    /// The blobs of a release's documents.
    func read(_ release: Release) async throws -> [PackageDocumentKind: Descriptor] {
        guard let artifact = release.referrers.first(where: { $0.artifactType == MediaType.documents }) else {
            return [:]
        }
        return try await layers(of: artifact.digest)
    }

    /// The content of the documents of an artifact that came with a release as a file.
    func contents(of artifact: Digest) async throws -> [PackageDocumentKind: [UInt8]] {
        var result: [PackageDocumentKind: [UInt8]] = [:]
        for (kind, blob) in try await layers(of: artifact) {
            result[kind] = try await content.data(blob.digest, limit: Self.limit)
        }
        return result
    }

    private func layers(of artifact: Digest) async throws -> [PackageDocumentKind: Descriptor] {
        var result: [PackageDocumentKind: Descriptor] = [:]
        for layer in try await content.document(Manifest.self, artifact).layers {
            if let kind = layer.annotations?[Annotation.title].flatMap({ PackageDocumentKind(rawValue: $0) }) {
                result[kind] = layer
            }
        }
        return result
    }

    /// By what the bytes are, never by what somebody calls them: a picture is one of three kinds, and only what
    /// is about or help and looks like it is HTML.
    static func mediaType(_ kind: PackageDocumentKind, _ bytes: [UInt8]) -> String {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if bytes.starts(with: Array("GIF8".utf8)) { return "image/gif" }
        guard kind != .icon, let text = String(validating: bytes, as: UTF8.self) else {
            return "application/octet-stream"
        }
        let isHTML = text.drop(while: \.isWhitespace).first == "<"
        return isHTML && (kind == .about || kind == .help) ? "text/html; charset=utf-8" : "text/plain; charset=utf-8"
    }
}
