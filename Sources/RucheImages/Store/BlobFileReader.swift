import Glibc
import Synchronization
import SystemPackage

/// Reads a file in chunks of at most 1 MiB.
final class BlobFileReader: Sendable {
    private struct State {
        var offset: Int64
        var end: Int64
    }

    private static let chunk: Int64 = 1 << 20
    private let descriptor: FileDescriptor
    private let state: Mutex<State>

    init(_ path: FilePath, offset: Int64 = 0, length: Int64? = nil) throws {
        descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
        posix_fadvise(descriptor.rawValue, off_t(offset), off_t(length ?? 0), POSIX_FADV_SEQUENTIAL)
        let (end, overflow) = offset.addingReportingOverflow(length ?? .max)
        state = Mutex(State(offset: offset, end: overflow ? .max : end))
    }

    deinit { try? descriptor.close() }  // only read from: nothing is lost

    /// The next chunk; nil at the end.
    func next() throws -> [UInt8]? {
        try state.withLock { state in
            let wanted = Int(min(Self.chunk, state.end - state.offset))
            guard wanted > 0 else { return nil }
            let offset = state.offset
            let bytes = try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
                count = try descriptor.read(fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(buffer))
            }
            state.offset += Int64(bytes.count)
            return bytes.isEmpty ? nil : bytes
        }
    }
}
