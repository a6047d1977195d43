import RucheCore
import Synchronization

/// Small blobs that are written together: their digests are known at once, they are in the store after `write`.
///
/// Writing them one by one makes the disk wait for each.
package final class BlobBatch: Sendable {
    private let blobs = Mutex<[Digest: [UInt8]]>([:])

    package init() {}

    func add(_ bytes: [UInt8]) -> StoredBlob {
        let digest = StreamHasher.digest(of: bytes)
        blobs.withLock { $0[digest] = bytes }
        return StoredBlob(digest: digest, size: ByteCount(Int64(bytes.count)))
    }

    /// Puts everything added so far into `store`; none of it may be named by a release before.
    package func write(to store: any ContentStore) async throws {
        try await store.put(all: blobs.withLock { $0 })
        blobs.withLock { $0 = [:] }
    }
}
