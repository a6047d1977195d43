package import RucheCore
package import RucheImages
package import RucheStore
package import SystemPackage

/// Files that people upload for jobs, and files that jobs wrote. The content of the first are blobs, which the table
/// of files keeps from collection. Events: `file.created`, `file.renamed`, `file.removed`, `file.companions-set`.
package struct FileService: Sendable {
    let content: any ContentStore
    let database: any SQLDatabase
    let events: DatabaseEventLog
    let now: @Sendable () -> Int64
    private let lease: @Sendable () throws -> ContentLease
    /// The data directory, where the outputs of jobs are; nil where there are no jobs.
    let data: FilePath?
    /// Bytes of one file.
    package let limit: Int64

    /// `lease` protects the content of an upload until the table of files names it.
    package init(
        content: any ContentStore, database: any SQLDatabase, events: DatabaseEventLog? = nil, data: FilePath? = nil,
        limit: Int64 = 1 << 40,
        now: @escaping @Sendable () -> Int64 = SystemTime.milliseconds,
        lease: @escaping @Sendable () throws -> ContentLease
    ) {
        self.content = content
        self.database = database
        self.events = events ?? DatabaseEventLog(database: database, now: now)
        self.now = now
        self.lease = lease
        self.data = data
        self.limit = limit
    }

    /// Stores what `chunks` gives; nil when that is more than `limit` bytes. Nothing is kept then, nor when it ends
    /// with an error, has another digest than `expected` (`corrupt_content`), or `name` is no plain file name
    /// (`invalid_input`). The same content under the same name again is the file that was there.
    package func upload<Chunks: AsyncSequence & Sendable>(
        name: String, owner: OwnerName = .local, expected: Digest?, _ chunks: Chunks
    ) async throws -> SiteFile? where Chunks.Element == [UInt8] {
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
        let row = row(
            name: name, owner: owner, size: blob.size.bytes, digest: blob.digest, type: FileMediaType.of(name))
        if let known = try await database.read({ try FileRepository($0).same(as: row) }) { return try file(known) }
        return try await add(row)
    }

    /// Throws `quota_exceeded` when an owner may not keep so many bytes more.
    package func requireRoom(_ bytes: Int64, for owner: OwnerName) async throws {
        try await database.read { try QuotaCheck(connection: $0).require(bytes, for: owner.description) }
    }

    /// A row of a new file.
    func row(name: String, owner: OwnerName, size: Int64, digest: Digest, type: String) -> FileRow {
        let time = now()
        var generator = SystemRandomNumberGenerator()
        let id = Identifier(milliseconds: UInt64(max(0, time)), using: &generator)
        return FileRow(
            id: id.description, owner: owner.description, name: name, size: size, digest: digest.description,
            type: type, createdAt: time)
    }

    private func add(_ row: FileRow) async throws -> SiteFile {
        let file = try file(row)
        try await events.write([file.event("file.created")]) { connection in
            try QuotaCheck(connection: connection).require(row.size, for: row.owner)
            try FileRepository(connection).save(row)
        }
        return file
    }

    func file(_ row: FileRow) throws -> SiteFile {
        guard let file = SiteFile(row) else {
            throw RucheError(.corruptContent, "the record of the file \(row.id) can't be read")
        }
        return file
    }

    /// The uploaded file with this content, by the first name it got; nil when nobody uploaded it. What is found
    /// here is not garbage.
    package func file(_ digest: Digest) async throws -> SiteFile? {
        try await database.read { try FileRepository($0).uploads(digest: digest.description) }
            .first.map { try file($0) }
    }
}
