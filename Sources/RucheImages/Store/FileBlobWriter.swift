import Glibc
import RucheCore
import RucheHost
import Synchronization
import SystemPackage

/// Writes one blob: hash on the way, sync, rename. The temporary file is locked while the writer lives.
final class FileBlobWriter: BlobWriter {
    private struct State {
        var descriptor: FileDescriptor?
        var hasher = StreamHasher()
        var size: Int64 = 0
    }

    /// Writing to the disk starts every so many bytes, so that the sync at the end finds little left to do.
    private static let writeBehind: Int64 = 8 << 20
    private let store: FileContentStore
    private let path: FilePath
    private let state: Mutex<State>

    init(store: FileContentStore) throws {
        self.store = store
        let (path, descriptor) = try LockedFile.make(in: store.ingest, suffix: "blob")
        self.path = path
        state = Mutex(State(descriptor: descriptor))
    }

    deinit { drop() }

    func write(_ bytes: [UInt8]) async throws {
        try failing {
            try state.withLock { state in
                guard let descriptor = state.descriptor else { throw Errno.badFileDescriptor }
                try descriptor.writeAll(bytes)
                state.hasher.update(bytes)
                let before = state.size / Self.writeBehind
                state.size += Int64(bytes.count)
                let after = state.size / Self.writeBehind
                if after > before {
                    posix_fadvise(
                        descriptor.rawValue, off_t(before * Self.writeBehind),
                        off_t((after - before) * Self.writeBehind), POSIX_FADV_DONTNEED)
                }
            }
        }
    }

    func commit(expected: Digest?) async throws -> StoredBlob {
        let (digest, size) = try state.withLock { state in
            guard state.descriptor != nil else {
                throw RucheError(.internalError, "a blob was written after its end")
            }
            return (state.hasher.finish(), state.size)
        }
        if let expected, expected != digest {
            drop()
            throw RucheError(
                .corruptContent, "content has the digest \(digest) instead of \(expected)",
                details: ["expected": expected.description, "actual": digest.description])
        }
        do {
            try failing {
                try state.withLock { state in
                    guard let descriptor = state.descriptor else { throw Errno.badFileDescriptor }
                    try descriptor.sync()
                }
            }
            // A blob that is here already is replaced: equal bytes, and a damaged one is healed.
            try await store.place(path, as: digest)
        } catch {
            drop()
            throw (error as? Errno).map { RucheError.storage($0, "write", path) } ?? error
        }
        close()
        return StoredBlob(digest: digest, size: ByteCount(size))
    }

    func abandon() async { drop() }

    private func failing(_ body: () throws -> Void) throws {
        do { try body() } catch let error as Errno {
            drop()
            throw RucheError.storage(error, "write", path)
        }
    }

    private func drop() {
        state.withLock { state in
            guard let descriptor = state.descriptor else { return }
            unlink(path.string)
            try? descriptor.close()  // the file is gone already
            state.descriptor = nil
        }
    }

    private func close() {
        state.withLock { state in
            try? state.descriptor?.close()  // synced before
            state.descriptor = nil
        }
    }
}
