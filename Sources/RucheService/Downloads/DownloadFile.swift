package import RucheCore
package import RucheImages

/// A file of a release, as anybody would keep it: what a variant is in one piece, or a document.
package struct DownloadFile: Sendable {
    /// A part of a file that is put together when it is read.
    package enum Part: Sendable {
        case bytes([UInt8])
        case blob(Digest, size: Int64)

        package var size: Int64 {
            switch self {
            case .bytes(let bytes): Int64(bytes.count)
            case .blob(_, let size): size
            }
        }
    }

    package var name: String
    package var mediaType: String
    package var parts: [Part]
    /// Of the whole file, where that is known without reading it.
    package var digest: Digest?
    /// What the file is made of, for remembering its digest.
    package var source: Digest

    package var size: Int64 { parts.reduce(0) { $0 + $1.size } }

    /// A blob as it is.
    package init(_ blob: Descriptor, name: String, mediaType: String) {
        self.name = name
        self.mediaType = mediaType
        parts = [.blob(blob.digest, size: blob.size)]
        digest = blob.digest
        source = blob.digest
    }

    package init(name: String, mediaType: String, parts: [Part], source: Digest) {
        self.name = name
        self.mediaType = mediaType
        self.parts = parts
        self.source = source
    }

    /// So many bytes from an offset. Read as the reader asks.
    package func stream(offset: Int64, length: Int64, from content: any ContentStore) -> BlobStream {
        let reader = PartReader(parts: parts, offset: offset, length: length, content: content)
        return AsyncThrowingStream { try await reader.next() }
    }
}

/// Reads parts one after the other.
private actor PartReader {
    private var parts: ArraySlice<DownloadFile.Part>
    /// Bytes of the first part that are not wanted.
    private var skipped: Int64
    private var rest: Int64
    private let content: any ContentStore
    private var current: BlobStream.AsyncIterator?

    init(parts: [DownloadFile.Part], offset: Int64, length: Int64, content: any ContentStore) {
        self.parts = parts[...]
        skipped = offset
        rest = length
        self.content = content
        while let first = self.parts.first, skipped >= first.size {
            skipped -= first.size
            self.parts.removeFirst()
        }
    }

    func next() async throws -> [UInt8]? {
        while rest > 0 {
            if let chunk = try await chunk() {
                rest -= Int64(chunk.count)
                return chunk
            }
            guard let part = parts.popFirst() else {
                throw RucheError(.corruptContent, "a file became shorter while it was sent")
            }
            let (from, wanted) = (skipped, min(part.size - skipped, rest))
            skipped = 0
            switch part {
            case .bytes(let bytes):
                rest -= wanted
                if wanted > 0 { return Array(bytes[Int(from)..<Int(from + wanted)]) }
            case .blob(let digest, _):
                current = try await content.stream(digest, offset: from, length: wanted).makeAsyncIterator()
            }
        }
        return nil
    }

    private func chunk() async throws -> [UInt8]? {
        guard var iterator = current else { return nil }
        let chunk = try await iterator.next(isolation: self)
        current = chunk == nil ? nil : iterator
        return chunk
    }
}
