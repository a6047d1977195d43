import Glibc
import RucheCore
package import RucheImages
package import SystemPackage

/// A file of this machine as chunks.
package enum FileChunks {
    private static let chunk = 256 << 10

    /// Throws `not_found` when it is no regular file.
    package static func size(of path: FilePath) throws -> Int64 {
        var status = stat()
        guard stat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw RucheError(.notFound, "the file \"\(path.lastComponent?.string ?? "")\" is not here any more")
        }
        return Int64(status.st_size)
    }

    /// Reads as the reader asks, so that a slow client never fills the memory. `owner` lives until the end.
    package static func stream(
        _ path: FilePath, offset: Int64, length: Int64, keeping owner: (any AnyObject & Sendable)? = nil
    ) throws -> BlobStream {
        let reader = Reader(
            file: try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow]), offset: offset,
            end: offset + length, owner: owner)
        return AsyncThrowingStream { try await reader.next() }
    }

    private actor Reader {
        private let file: FileDescriptor
        private var offset: Int64
        private let end: Int64
        private let owner: (any AnyObject & Sendable)?

        init(file: FileDescriptor, offset: Int64, end: Int64, owner: (any AnyObject & Sendable)?) {
            self.file = file
            self.offset = offset
            self.end = end
            self.owner = owner
        }

        deinit { try? file.close() }  // only read from

        /// Throws when the file became shorter: the length was promised already.
        func next() throws -> [UInt8]? {
            guard offset < end else { return nil }
            let bytes = try [UInt8](unsafeUninitializedCapacity: Int(min(Int64(FileChunks.chunk), end - offset))) {
                $1 = try file.read(fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer($0))
            }
            guard !bytes.isEmpty else { throw RucheError(.corruptContent, "a file became shorter while it was sent") }
            offset += Int64(bytes.count)
            return bytes
        }
    }
}
