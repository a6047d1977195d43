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
