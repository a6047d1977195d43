import Glibc
package import RucheCore
import RucheHost
import Synchronization
package import SystemPackage

/// Blobs as plain files: `blobs/sha256/HEX`, with `ingest/` for what is being written and `leases/` for what
/// must not be collected yet (`ContentLease`).
package final class FileContentStore: ContentStore {
    package let folder: FilePath
    let blobs: FilePath
    let ingest: FilePath
    let leaseFolder: FilePath
    let gate: CollectionGate
    private let leases = Mutex<[WeakLease]>([])

    private struct WeakLease { weak var lease: ContentLease? }

    /// Makes the folders, and removes what writers that died left in `ingest/`.
    package init(folder: FilePath) throws {
        self.folder = folder
        blobs = folder.appending("blobs").appending("sha256")
        ingest = folder.appending("ingest")
        leaseFolder = folder.appending("leases")
        gate = CollectionGate(path: folder.appending("gate.lock"))
        do {
            for path in [blobs, ingest, leaseFolder] { try FileTree.makeFolder(path) }
            try removeDeadWrites()
            try CollectionMark.removeDead(in: leaseFolder)
        } catch let error as Errno {
            throw RucheError.storage(error, "open the content store", folder)
        }
    }

    /// Protects every blob written or looked at through this store until the lease ends.
    package func lease() throws -> ContentLease {
        do {
            let lease = try ContentLease(folder: leaseFolder)
            leases.withLock { $0 = $0.filter { $0.lease != nil } + [WeakLease(lease: lease)] }
            return lease
        } catch let error as Errno {
            throw RucheError.storage(error, "write", leaseFolder)
        }
    }

    package func size(of digest: Digest) async throws -> ByteCount? {
        try await note(digest)
        return try presentSize(digest)
    }

    package func data(_ digest: Digest, limit: Int) async throws -> [UInt8] {
        try await note(digest)
        guard let size = try presentSize(digest) else { throw missing(digest) }
        guard size.bytes <= limit else {
            throw RucheError(.invalidInput, "blob \(digest) has \(size), more than the \(limit) bytes allowed here")
        }
        let bytes = try reading(digest) { try AtomicFile.read($0, limit: limit) }
        guard StreamHasher.digest(of: bytes) == digest else { throw Self.corrupt(digest) }
        return bytes
    }

    package func stream(_ digest: Digest, offset: Int64, length: Int64?) async throws -> BlobStream {
        try await note(digest)
        guard offset >= 0, length ?? 0 >= 0 else {
            throw RucheError(.invalidInput, "a range of a blob can't start at \(offset) with \(length ?? 0) bytes")
        }
        let reader = try reading(digest) { try BlobFileReader($0, offset: offset, length: length) }
        return BlobStream(unfolding: { try reader.next() })
    }

    package func open(_ digest: Digest) async throws -> FileDescriptor? {
        try await note(digest)
        return try reading(digest) { try FileDescriptor.open($0, .readOnly, options: [.closeOnExec, .noFollow]) }
    }

    package func writer() async throws -> any BlobWriter {
        do { return try FileBlobWriter(store: self) } catch let error as Errno {
            throw RucheError.storage(error, "write", ingest)
        }
    }

    package func remove(_ digest: Digest) async throws {
        let path = path(of: digest)
        guard unlink(path.string) == 0 || errno == ENOENT else {
            throw RucheError.storage(Errno(rawValue: errno), "remove", path)
        }
    }

    package func all() async throws -> [Digest] {
        do { return try FileTree.names(in: blobs).compactMap { Digest(hex: $0) } } catch let error as Errno {
            throw RucheError.storage(error, "list", blobs)
        }
    }

    package func withFile<Result: Sendable>(
        _ digest: Digest, _ body: @Sendable (FilePath) async throws -> Result
    ) async throws -> Result {
        guard try await size(of: digest) != nil else { throw missing(digest) }
        return try await body(path(of: digest))
    }

    /// Removes a blob unless a live lease of any process protects it or `isNeeded` says so; the bytes freed, nil
    /// when it was kept.
    func collect(_ digest: Digest, unless isNeeded: (Digest) async throws -> Bool) async throws -> Int64? {
        try await gate.exclusive {
            // In this order: a lease ends after what it stood for has its own name.
            guard try !ContentLease.protected(in: leaseFolder).contains(digest), try await !isNeeded(digest),
                let size = try presentSize(digest)
            else { return nil }
            let path = path(of: digest)
            guard unlink(path.string) == 0 || errno == ENOENT else {
                throw RucheError.storage(Errno(rawValue: errno), "remove", path)
            }
            return size.bytes
        }
    }

    /// What `collect` would free.
    func peek(_ digest: Digest) async throws -> Int64? { try presentSize(digest)?.bytes }

    /// Removes what writers that died left behind.
    func removeDeadWrites() throws {
        for name in try FileTree.names(in: ingest) { _ = try LockedFile.removeIfDead(ingest.appending(name)) }
    }

    func path(of digest: Digest) -> FilePath { blobs.appending(digest.hex) }

    /// Tells the live leases of this store that a blob is needed, before it is looked at.
    func note(_ digest: Digest) async throws {
        let open = liveLeases().filter { !$0.holds(digest) }
        if open.isEmpty { return }
        try await gate.shared { for lease in open { try lease.note(digest) } }
    }

    /// Moves a finished file into place, with the same promise.
    func place(_ temporary: FilePath, as digest: Digest) async throws { try await place([(temporary, digest)]) }

    func place(_ files: [(temporary: FilePath, digest: Digest)]) async throws {
        let open = liveLeases()
        try await gate.shared {
            for file in files {
                for lease in open { try lease.note(file.digest) }
                let target = path(of: file.digest)
                guard rename(file.temporary.string, target.string) == 0 else { throw Errno(rawValue: errno) }
            }
            // Also when there are none: what was here already may be another writer's that is not durable yet.
            try AtomicFile.syncFolder(blobs)
        }
    }

    private func liveLeases() -> [ContentLease] { leases.withLock { $0.compactMap(\.lease) } }

    private func presentSize(_ digest: Digest) throws -> ByteCount? {
        var status = stat()
        guard lstat(path(of: digest).string, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw RucheError.storage(Errno(rawValue: errno), "read", path(of: digest))
        }
        return ByteCount(Int64(status.st_size))
    }

    private func reading<Result>(_ digest: Digest, _ body: (FilePath) throws -> Result) throws -> Result {
        do { return try body(path(of: digest)) } catch let error as Errno {
            throw error == .noSuchFileOrDirectory ? missing(digest) : .storage(error, "read", path(of: digest))
        }
    }

    private func missing(_ digest: Digest) -> RucheError {
        RucheError(.notFound, "blob \(digest) is not in the content store", details: ["digest": digest.description])
    }

    static func corrupt(_ digest: Digest) -> RucheError {
        RucheError(
            .corruptContent, "blob \(digest) is corrupt: its content has another digest; run \"ruche verify\"",
            details: ["digest": digest.description])
    }
}
