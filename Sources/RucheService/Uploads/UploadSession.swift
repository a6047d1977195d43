import Glibc
import RucheCore
import RucheHost
import RucheImages
import Synchronization
import SystemPackage

/// The file of one upload while it grows. One writer at a time; every call is ordered by a lock.
///
/// The size of the file is the offset. Bytes of a request with a checksum are kept only once it is right: until then
/// a mark beside the file says where they begin, so that a crash does not take them for good ones.
final class UploadSession: Sendable {
    private struct State {
        var descriptor: FileDescriptor?
        var offset: Int64 = 0
        /// Everything below was synced.
        var synced: Int64 = 0
        /// The hash of the first `hashed` bytes.
        var hasher = StreamHasher()
        var hashed: Int64 = 0
        /// Counts writers; one that is not the newest may not write.
        var writer = 0
        var isWriting = false
        var lastByte = ContinuousClock.now
        var checked: Checked?
    }
    private struct Checked {
        var checksum: UploadChecksum
        var start: Int64
        var hasher: StreamHasher
        var hashed: Int64
    }

    /// Writing to the disk begins every so many bytes, so that the sync at the end finds little to do.
    private static let writeBehind: Int64 = 8 << 20
    private static let catchUp = 1 << 20
    let path: FilePath
    private let mark: FilePath
    private let state: Mutex<State>

    /// Opens or makes the file, and drops bytes that were not checked before a crash.
    init(_ path: FilePath, isNew: Bool) throws {
        self.path = path
        mark = FilePath(path.string + ".unchecked")
        do {
            let descriptor = try FileDescriptor.open(
                path, .readWrite,
                options: isNew ? [.create, .exclusiveCreate, .closeOnExec] : [.closeOnExec, .noFollow],
                permissions: [.ownerReadWrite])
            if isNew { try AtomicFile.syncFolder(path.removingLastComponent()) }
            if FileTree.exists(mark) {
                let text = String(decoding: try AtomicFile.read(mark, limit: 64), as: UTF8.self)
                if let start = Int64(text), start < (try descriptor.seek(offset: 0, from: .end)) {
                    guard ftruncate(descriptor.rawValue, off_t(start)) == 0 else { throw Errno(rawValue: errno) }
                }
                unlink(mark.string)
            }
            let size = try descriptor.seek(offset: 0, from: .end)
            state = Mutex(State(descriptor: descriptor, offset: size))
        } catch let error as Errno {
            throw RucheError.storage(error, "open the upload", path)
        }
    }

    deinit { state.withLock { try? $0.descriptor?.close() } }  // what matters was synced

    /// Bytes that are here and good. They are durable when this returns.
    func durableOffset() throws -> Int64 {
        try storing {
            try state.withLock { state in
                try Self.sync(&state)
                return state.checked?.start ?? state.offset
            }
        }
    }

    /// Bytes that came, durable or not: for people who watch. To sync for them would hold up the bytes.
    var received: Int64 { state.withLock { $0.offset } }

    /// Begins to write at `offset`; nil when a living writer is at it. One that got nothing for `patience` lost its
    /// connection and is put out. Throws `conflict` for another offset.
    func begin(at offset: Int64, checksum: UploadChecksum?, patience: Duration) throws -> Int? {
        try storing {
            try state.withLock { state in
                guard state.descriptor != nil else { throw Self.ended }
                if state.isWriting {
                    guard ContinuousClock.now - state.lastByte > patience else { return nil }
                    try Self.drop(&state, mark)
                    state.isWriting = false
                }
                guard offset == state.offset else {
                    throw RucheError(
                        .conflict, "the upload is at \(state.offset) and not at \(offset): go on from there",
                        details: ["offset": "\(state.offset)"])
                }
                if let checksum {
                    try AtomicFile.write("\(offset)".utf8, to: mark)
                    state.checked = Checked(
                        checksum: checksum, start: offset, hasher: state.hasher, hashed: state.hashed)
                }
                state.writer += 1
                state.isWriting = true
                state.lastByte = .now
                return state.writer
            }
        }
    }

    /// Appends bytes. What a full disk took of them stays.
    func write(_ bytes: UnsafeRawBufferPointer, as writer: Int) throws {
        try storing {
            try state.withLock { state in
                guard let descriptor = state.descriptor, state.writer == writer, state.isWriting else {
                    throw Self.ended
                }
                state.lastByte = .now
                state.checked?.checksum.update(bytes)
                var rest = bytes
                while !rest.isEmpty {
                    let count = try descriptor.write(toAbsoluteOffset: state.offset, rest)
                    let written = UnsafeRawBufferPointer(rebasing: rest[..<count])
                    let before = state.offset / Self.writeBehind
                    if state.hashed == state.offset {
                        state.hasher.update(written)
                        state.hashed += Int64(count)
                    }
                    state.offset += Int64(count)
                    if state.offset / Self.writeBehind > before {
                        posix_fadvise(
                            descriptor.rawValue, off_t(before * Self.writeBehind), off_t(Self.writeBehind),
                            POSIX_FADV_DONTNEED)
                    }
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                }
                // After a restart the hash is behind: it gains on the bytes that come.
                if state.hashed < state.offset { try Self.hash(&state, atMost: max(Self.catchUp, 2 * bytes.count)) }
            }
        }
    }

    /// Ends writing: the bytes are durable, or with a checksum that is wrong, dropped. The offset now.
    func finish(as writer: Int, isWhole: Bool) throws -> Int64 {
        try storing {
            try state.withLock { state in
                guard state.writer == writer, state.isWriting else {
                    try Self.sync(&state)
                    return state.checked?.start ?? state.offset
                }
                defer { state.isWriting = false }
                if let checked = state.checked {
                    do {
                        guard isWhole else { throw Self.ended }
                        try checked.checksum.check()
                        state.checked = nil
                        try Self.sync(&state)
                        unlink(mark.string)
                    } catch {
                        try Self.drop(&state, mark)
                        if isWhole { throw error }
                    }
                    return state.offset
                }
                try Self.sync(&state)
                return state.offset
            }
        }
    }

    /// The digest of all bytes; nobody writes any more.
    func digest() throws -> Digest {
        try storing {
            state.withLock { state in
                state.writer += 1
                state.isWriting = false
            }
            while true {
                // Between two pieces others may ask how far it is.
                let digest: Digest? = try state.withLock { state in
                    guard state.hashed < state.offset else { return state.hasher.finish() }
                    try Self.hash(&state, atMost: Self.catchUp)
                    return nil
                }
                if let digest { return digest }
            }
        }
    }

    /// Whether somebody writes now.
    var isBusy: Bool { state.withLock { $0.isWriting } }

    /// Puts a writer out, and closes.
    func close() {
        state.withLock { state in
            state.writer += 1
            state.isWriting = false
            try? state.descriptor?.close()  // what matters was synced
            state.descriptor = nil
        }
    }

    /// Puts a writer out, closes, and removes the file.
    func remove() {
        close()
        unlink(path.string)
        unlink(mark.string)
    }

    // MARK: Parts, with the lock held

    private static func sync(_ state: inout State) throws {
        guard let descriptor = state.descriptor, state.synced < state.offset else { return }
        guard fdatasync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
        state.synced = state.offset
    }

    /// Drops the bytes of a request whose checksum is not known to be right.
    private static func drop(_ state: inout State, _ mark: FilePath) throws {
        guard let checked = state.checked, let descriptor = state.descriptor else { return }
        guard ftruncate(descriptor.rawValue, off_t(checked.start)) == 0 else { throw Errno(rawValue: errno) }
        state.offset = checked.start
        state.synced = min(state.synced, checked.start)
        state.hasher = checked.hasher
        state.hashed = checked.hashed
        state.checked = nil
        unlink(mark.string)
    }

    private static func hash(_ state: inout State, atMost limit: Int) throws {
        guard let descriptor = state.descriptor else { throw ended }
        let wanted = Int(min(Int64(limit), state.offset - state.hashed))
        let bytes = try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            count = try descriptor.read(
                fromAbsoluteOffset: state.hashed, into: UnsafeMutableRawBufferPointer(buffer))
        }
        guard !bytes.isEmpty else { throw RucheError(.corruptContent, "an upload became shorter by itself") }
        state.hasher.update(bytes)
        state.hashed += Int64(bytes.count)
    }

    private func storing<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as Errno { throw RucheError.storage(error, "write the upload", path) }
    }

    private static let ended = RucheError(
        .conflict, "the upload was ended or taken over by another request: ask for its offset and go on from there")
}
