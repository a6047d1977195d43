import RucheCore
import RucheHost

/// A tar of a few files, some of which are blobs, written into the store. The same files give the same bytes.
struct FileArchive {
    enum Content {
        case bytes([UInt8])
        case blob(Digest, size: Int64)
    }

    /// In the order of the archive: OVF wants its description first.
    let files: [(name: String, content: Content)]
    /// Seconds since 1970.
    let time: Int64

    func write(to store: any ContentStore) async throws -> StoredBlob {
        let writer = try await store.writer()
        do {
            for file in files { try await write(file.name, file.content, from: store, to: writer) }
            try await writer.write(TarEncoder.end)
            return try await writer.commit(expected: nil)
        } catch {
            await writer.abandon()
            throw error
        }
    }

    private func write(
        _ name: String, _ content: Content, from store: any ContentStore, to writer: any BlobWriter
    ) async throws {
        let size =
            switch content {
            case .bytes(let bytes): Int64(bytes.count)
            case .blob(_, let size): size
            }
        let entry = ArchiveEntry(
            path: Array(name.utf8), kind: .regular, permissions: 0o644, size: size, modified: max(0, time))
        try await writer.write(TarEncoder.header(entry))
        switch content {
        case .bytes(let bytes): try await writer.write(bytes)
        case .blob(let digest, _):
            for try await chunk in try await store.stream(digest, offset: 0, length: nil) {
                try Task.checkCancellation()
                try await writer.write(chunk)
            }
        }
        try await writer.write([UInt8](repeating: 0, count: TarEncoder.padding(after: size)))
    }
}
