package import RucheCore
package import SystemPackage

/// Blobs by digest. Nobody assumes that a blob is one file on disk.
///
/// Writing is crash-safe (temporary name, sync, rename); a blob that is there is whole.
package protocol ContentStore: Sendable {
    /// The size in bytes, or nil when the blob is not here.
    func size(of digest: Digest) async throws -> ByteCount?
    /// The whole blob in memory; throws `not_found`, or `invalid_input` when it is over `limit` bytes.
    func data(_ digest: Digest, limit: Int) async throws -> [UInt8]
    /// Chunks of at most 1 MiB from `offset`, at most `length` bytes; throws `not_found`.
    func stream(_ digest: Digest, offset: Int64, length: Int64?) async throws -> BlobStream
    /// A file that is nothing but the blob, open for reading, for who can send it on without reading it; nil where the
    /// store has none. The caller closes it. Throws `not_found`.
    func open(_ digest: Digest) async throws -> FileDescriptor?
    /// Starts writing a blob. Nothing is visible before `commit`.
    func writer() async throws -> any BlobWriter
    /// Makes a finished file a blob, without a copy where the store can. The caller has hashed its content, and removes
    /// the file afterwards; nobody writes to it any more.
    func adopt(_ path: FilePath, as digest: Digest) async throws
    /// Stores small blobs, each under the digest that it has.
    func put(all blobs: [Digest: [UInt8]]) async throws
    /// Removes one blob; a missing one is no error.
    func remove(_ digest: Digest) async throws
    /// Every blob here, in no order.
    func all() async throws -> [Digest]
    /// Calls `body` with a readable file that holds the blob, good only during the call.
    func withFile<Result: Sendable>(
        _ digest: Digest, _ body: @Sendable (FilePath) async throws -> Result
    ) async throws -> Result
}

/// Chunks of one blob, in order.
package typealias BlobStream = AsyncThrowingStream<[UInt8], any Error>

/// One blob being written.
package protocol BlobWriter: Sendable {
    func write(_ bytes: [UInt8]) async throws
    /// Makes the blob visible. Throws `corrupt_content` when its digest is not `expected`, and keeps nothing.
    func commit(expected: Digest?) async throws -> StoredBlob
    /// Drops what was written. Harmless after `commit`.
    func abandon() async
}

package struct StoredBlob: Hashable, Sendable {
    package var digest: Digest
    package var size: ByteCount
    package init(digest: Digest, size: ByteCount) {
        self.digest = digest
        self.size = size
    }
}

extension ContentStore {
    package func open(_ digest: Digest) async throws -> FileDescriptor? { nil }

    package func adopt(_ path: FilePath, as digest: Digest) async throws {
        _ = try await ingest(path, expected: digest)
    }

    package func put(all blobs: [Digest: [UInt8]]) async throws {
        for (digest, bytes) in blobs { _ = try await put(bytes, expected: digest) }
    }

    /// Stores a small blob.
    package func put(_ bytes: [UInt8], expected: Digest? = nil) async throws -> StoredBlob {
        let writer = try await writer()
        do {
            try await writer.write(bytes)
            return try await writer.commit(expected: expected)
        } catch {
            await writer.abandon()
            throw error
        }
    }
}
