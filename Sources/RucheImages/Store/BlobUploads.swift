import Glibc
package import RucheCore
import RucheHost
import Synchronization
package import SystemPackage

/// Blobs on their way into an environment, each in a file of its own: `ID,OWNER,NAME`. A server that was killed finds
/// them again with every byte that it had acknowledged.
package final class BlobUploads: Sendable {
    private let folder: FilePath
    private let open = Mutex<[String: BlobUpload]>([:])

    package init(folder: FilePath) throws {
        self.folder = folder
        do { try FileTree.makeFolder(folder) } catch let error as Errno {
            throw RucheError.storage(error, "use", folder)
        }
    }

    /// Starts one; its identifier.
    package func begin(for name: EnvironmentName) throws -> Identifier {
        var generator = SystemRandomNumberGenerator()
        let id = Identifier(milliseconds: UInt64(max(0, time(nil))) * 1000, using: &generator)
        try DiskReserve.require(in: folder)
        let path = path(id, name)
        let upload = try storing(path) { try BlobUpload(path, isNew: true) }
        open.withLock { $0[id.description] = upload }
        return id
    }

    /// Starts one under an identifier that the caller makes, or goes on with it.
    package func beginOrGoOn(_ id: Identifier, for name: EnvironmentName) throws {
        let path = path(id, name)
        do {
            let upload = try BlobUpload(path, isNew: true)
            open.withLock { $0[id.description] = upload }
        } catch Errno.fileExists {
            // Opened, and hashed, at the first use.
        } catch let error as Errno {
            throw RucheError.storage(error, "write", path)
        }
    }

    /// Bytes that came so far. Throws `not_found`.
    package func size(_ id: Identifier, of name: EnvironmentName) throws -> Int64 { try upload(id, name).size }

    /// Appends what `body` sends through the function it is given; how much there is then. What came before a failure
    /// stays. Throws `not_found`, `invalid_state` with the detail `offset`, `locked`, or `disk_full`.
    @discardableResult
    package func append(
        to id: Identifier, of name: EnvironmentName, at offset: Int64? = nil,
        _ body: (_ send: @escaping (UnsafeRawBufferPointer) throws -> Void) async throws -> Void
    ) async throws -> Int64 {
        let upload = try upload(id, name)
        try DiskReserve.require(in: folder)
        try upload.begin(at: offset)
        defer { upload.end() }
        try await body { bytes in try self.storing(upload.path) { try upload.append(bytes) } }
        return upload.size
    }

    /// Makes the bytes a blob of `store`; `willStore` is called with their file before it is there. Throws
    /// `checksum_mismatch` when they are not `expected`, or what `willStore` does, and keeps nothing then.
    package func commit(
        _ id: Identifier, of name: EnvironmentName, expected: Digest? = nil, to store: any ContentStore,
        willStore: (StoredBlob, FilePath) async throws -> Void
    ) async throws -> StoredBlob {
        let upload = try upload(id, name)
        try upload.begin(at: nil)
        defer { upload.end() }
        let blob = try storing(upload.path) { try upload.finish() }
        guard expected == nil || blob.digest == expected else {
            drop(id, upload)
            throw RucheError(
                .checksumMismatch, "the content has the digest \(blob.digest), not \(expected?.description ?? "")",
                details: ["expected": expected?.description ?? "", "actual": blob.digest.description])
        }
        do {
            try await willStore(blob, upload.path)
            try await store.adopt(upload.path, as: blob.digest)
        } catch {
            drop(id, upload)
            throw error
        }
        drop(id, upload)
        return blob
    }

    package func cancel(_ id: Identifier, of name: EnvironmentName) throws { drop(id, try upload(id, name)) }

    /// Removes what nobody sent to in so many seconds.
    package func removeAbandoned(after seconds: Int64) throws {
        for file in try FileTree.names(in: folder) {
            let path = folder.appending(file)
            var status = stat()
            guard lstat(path.string, &status) == 0, Int64(time(nil)) - Int64(status.st_mtim.tv_sec) > seconds else {
                continue
            }
            unlink(path.string)
            open.withLock { $0[String(file.prefix { $0 != "," })] = nil }
        }
    }

    private func upload(_ id: Identifier, _ name: EnvironmentName) throws -> BlobUpload {
        let path = path(id, name)
        return try open.withLock { open in
            if let upload = open[id.description], upload.path == path { return upload }
            do {
                let upload = try BlobUpload(path, isNew: false)
                open[id.description] = upload
                return upload
            } catch Errno.noSuchFileOrDirectory {
                throw RucheError(.notFound, "there is no upload \(id) to \(name)")
            } catch let error as Errno {
                throw RucheError.storage(error, "read", path)
            }
        }
    }

    private func drop(_ id: Identifier, _ upload: BlobUpload) {
        upload.remove()
        open.withLock { $0[id.description] = nil }
    }

    private func path(_ id: Identifier, _ name: EnvironmentName) -> FilePath {
        folder.appending("\(id),\(name.owner),\(name.name)")
    }

    private func storing<Result>(_ path: FilePath, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as Errno { throw RucheError.storage(error, "write", path) }
    }
}
