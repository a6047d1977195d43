import Glibc
package import RucheCore
import RucheHost
import SystemPackage

extension FileContentStore {
    private struct Pending {
        var digest: Digest
        var path: FilePath
        var descriptor: FileDescriptor
    }

    /// Writes small blobs with one wait for the disk. What is here already and whole stays as it is.
    package func put(all blobs: [Digest: [UInt8]]) async throws {
        var pending: [Pending] = []
        defer {
            for file in pending {
                unlink(file.path.string)  // renamed already, unless something failed
                try? file.descriptor.close()  // synced before, or not wanted
            }
        }
        do {
            for (digest, bytes) in blobs.sorted(by: { $0.key.hex < $1.key.hex }) {
                try await note(digest)
                if isHere(digest, bytes) { continue }
                let (path, descriptor) = try LockedFile.make(in: ingest, suffix: "blob")
                pending.append(Pending(digest: digest, path: path, descriptor: descriptor))
                try descriptor.writeAll(bytes)
                // Blocks are chosen now for all of them, so that the first sync below commits every one.
                DurableTree.startWriting(descriptor)
            }
            for file in pending {
                try file.descriptor.sync()
            }
            try await place(pending.map { ($0.path, $0.digest) })
        } catch let error as Errno {
            throw RucheError.storage(error, "write", ingest)
        }
    }

    private func isHere(_ digest: Digest, _ bytes: [UInt8]) -> Bool {
        // One that is missing, damaged or can't be read is written.
        (try? AtomicFile.read(path(of: digest), limit: bytes.count)) == bytes
    }
}
