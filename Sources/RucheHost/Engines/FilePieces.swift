import SystemPackage

import struct NIOCore.ByteBuffer

/// A file's content in pieces of 256 KiB, for a request's body.
struct FilePieces: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let path: FilePath
    let length: Int64

    init(_ path: FilePath) throws {
        self.path = path
        guard case .regular(let size) = try FileTree.kind(path) else { throw Errno.invalidArgument }
        length = size
    }

    func makeAsyncIterator() -> Iterator { Iterator(path: path) }

    struct Iterator: AsyncIteratorProtocol {
        private let source: Source
        init(path: FilePath) { source = Source(path) }

        func next() async throws -> ByteBuffer? {
            var bytes = [UInt8](repeating: 0, count: 256 << 10)
            let count = try source.read(&bytes)
            return count == 0 ? nil : ByteBuffer(bytes: bytes[..<count])
        }
    }

    /// The open file, closed with the last reference to it.
    private final class Source {
        private let path: FilePath
        private var file: FileDescriptor?

        init(_ path: FilePath) { self.path = path }
        deinit { try? file?.close() }  // it was only read

        func read(_ bytes: inout [UInt8]) throws -> Int {
            let open = try file ?? FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
            file = open
            return try bytes.withUnsafeMutableBytes { try open.read(into: $0) }
        }
    }
}
