import Glibc
import RucheCore
import RucheHost
import Synchronization
import SystemPackage

/// One blob that comes in pieces, in a file that outlives the process; hashed on the way.
final class BlobUpload: Sendable {
    private struct State {
        var descriptor: FileDescriptor?
        var hasher = StreamHasher()
        var size: Int64 = 0
        /// One request at a time appends.
        var isBusy = false
    }

    private static let writeBehind: Int64 = 8 << 20
    let path: FilePath
    private let state: Mutex<State>

    /// Opens the file, or makes it, and hashes what an earlier process wrote.
    init(_ path: FilePath, isNew: Bool) throws {
        self.path = path
        var state = State()
        let descriptor = try FileDescriptor.open(
            path, .readWrite,
            options: isNew ? [.create, .exclusiveCreate, .closeOnExec, .noFollow] : [.closeOnExec, .noFollow],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        if !isNew {
            do {
                while true {
                    let offset = state.size
                    let bytes = try [UInt8](unsafeUninitializedCapacity: 1 << 20) {
                        $1 = try descriptor.read(
                            fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer($0))
                    }
                    if bytes.isEmpty { break }
                    state.hasher.update(bytes)
                    state.size += Int64(bytes.count)
                }
            } catch {
                try? descriptor.close()  // the first error is the one to report
                throw error
            }
        }
        state.descriptor = descriptor
        self.state = Mutex(state)
    }

    deinit { state.withLock { try? $0.descriptor?.close() } }

    /// Bytes so far.
    var size: Int64 { state.withLock { $0.size } }

    /// Takes the right to append. Throws `invalid_state` when `offset` is not where the next byte goes, and `locked`
    /// when another request appends.
    func begin(at offset: Int64?) throws {
        try state.withLock { state in
            guard !state.isBusy else { throw RucheError(.locked, "another request sends to this upload") }
            if let offset, offset != state.size {
                throw RucheError(
                    .invalidState, "the next byte of this upload is number \(state.size), not \(offset)",
                    details: ["offset": String(state.size)])
            }
            state.isBusy = true
        }
    }

    func end() { state.withLock { $0.isBusy = false } }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            guard let descriptor = state.descriptor else { throw Errno.badFileDescriptor }
            _ = try descriptor.writeAll(toAbsoluteOffset: state.size, bytes)
            state.hasher.update(bytes)
            let before = state.size / Self.writeBehind
            state.size += Int64(bytes.count)
            // Writing to the disk starts early, so that the sync at the end finds little left to do.
            if state.size / Self.writeBehind > before {
                try DiskReserve.require(in: path.removingLastComponent())
                posix_fadvise(
                    descriptor.rawValue, off_t(before * Self.writeBehind),
                    off_t((state.size / Self.writeBehind - before) * Self.writeBehind), POSIX_FADV_DONTNEED)
            }
        }
    }

    /// Makes the file durable; its digest and size. Nothing is appended any more.
    func finish() throws -> StoredBlob {
        try state.withLock { state in
            guard let descriptor = state.descriptor else { throw Errno.badFileDescriptor }
            try descriptor.sync()
            return StoredBlob(digest: state.hasher.finish(), size: ByteCount(state.size))
        }
    }

    /// Closes and removes the file.
    func remove() {
        state.withLock { state in
            unlink(path.string)
            try? state.descriptor?.close()  // the file is gone already
            state.descriptor = nil
        }
    }
}
