import Glibc
package import RucheCore
import RucheHost
package import SystemPackage

extension ContentStore {
    /// Stores the content of a file. Throws `corrupt_content` when it is not `expected`.
    package func ingest(_ path: FilePath, expected: Digest? = nil) async throws -> StoredBlob {
        do {
            let reader = try BlobFileReader(path)
            return try await ingest(expected: expected) { try reader.next() }
        } catch let error as Errno {
            throw error == .noSuchFileOrDirectory
                ? RucheError(.notFound, "there is no file \"\(path)\"") : RucheError.storage(error, "read", path)
        }
    }

    /// Stores a file that the caller made and gives away: without a copy, where the store can do that.
    package func take(_ path: FilePath) async throws -> StoredBlob {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
            defer { try? file.close() }  // only read from
            // The disk is at work while the file is hashed.
            DurableTree.startWriting(file)
            let reader = try BlobFileReader(path)
            var hasher = StreamHasher()
            var size: Int64 = 0
            while let chunk = try reader.next() {
                try Task.checkCancellation()
                hasher.update(chunk)
                size += Int64(chunk.count)
            }
            try file.sync()
            let digest = hasher.finish()
            try await adopt(path, as: digest)
            return StoredBlob(digest: digest, size: ByteCount(size))
        } catch let error as Errno {
            throw RucheError.storage(error, "store", path)
        }
    }

    /// Stores what `next` gives until nil.
    func ingest(expected: Digest? = nil, _ next: () throws -> [UInt8]?) async throws -> StoredBlob {
        let writer = try await writer()
        do {
            while let chunk = try next() {
                try Task.checkCancellation()
                try await writer.write(chunk)
            }
            return try await writer.commit(expected: expected)
        } catch {
            await writer.abandon()
            throw error
        }
    }
}
