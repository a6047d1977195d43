package import RucheCore
package import RucheImages
package import RucheStore

/// An uploaded file.
package struct UploadedFile: Hashable, Sendable {
    package var name: String
    package var digest: Digest
    package var size: Int64

    package init(name: String, digest: Digest, size: Int64) {
        self.name = name
        self.digest = digest
        self.size = size
    }
}

/// Files that people upload for jobs. Their content is blobs; the table of files keeps these from collection.
package struct FileService: Sendable {
    private let content: any ContentStore
    private let database: any SQLDatabase
    private let now: @Sendable () -> Int64
    private let lease: @Sendable () throws -> ContentLease
    /// Bytes of one file.
    package let limit: Int64

    /// `lease` protects the content of an upload until the table of files names it.
    package init(
        content: any ContentStore, database: any SQLDatabase, limit: Int64 = 1 << 40,
        now: @escaping @Sendable () -> Int64 = SystemTime.milliseconds,
        lease: @escaping @Sendable () throws -> ContentLease
    ) {
        self.content = content
        self.database = database
        self.now = now
        self.lease = lease
        self.limit = limit
    }

    /// Stores what `chunks` gives; nil when that is more than `limit` bytes. Nothing is kept then, nor when it ends
    /// with an error, has another digest than `expected` (`corrupt_content`), or `name` is no plain file name
    /// (`invalid_input`).
    package func upload<Chunks: AsyncSequence & Sendable>(
        name: String, expected: Digest?, _ chunks: Chunks
    ) async throws -> UploadedFile? where Chunks.Element == [UInt8] {
        try FileName.check(name, path: "name")
        let lease = try lease()
        defer { lease.end() }
        let writer = try await content.writer()
        let blob: StoredBlob
        do {
            var left = limit
            for try await chunk in chunks {
                left -= Int64(chunk.count)
                guard left >= 0 else {
                    await writer.abandon()
                    return nil
                }
                try await writer.write(chunk)
            }
            blob = try await writer.commit(expected: expected)
        } catch {
            await writer.abandon()
            throw error
        }
        let row = FileRow(
            digest: blob.digest.description, name: name, size: blob.size.bytes, createdAt: now())
        try await database.write { try FileRepository($0).save(row) }
        return UploadedFile(name: name, digest: blob.digest, size: blob.size.bytes)
    }

    /// The uploaded file with this content, by the first name it got; nil when nobody uploaded it. What is found
    /// here is not garbage.
    package func file(_ digest: Digest) async throws -> UploadedFile? {
        let rows = try await database.read { try FileRepository($0).files(digest: digest.description) }
        return rows.first.map { UploadedFile(name: $0.name, digest: digest, size: $0.size) }
    }
}
