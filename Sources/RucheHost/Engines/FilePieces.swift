import SystemPackage

import struct NIOCore.ByteBuffer

/// Files and bytes one after another, in pieces of 256 KiB, for a request's body.
struct FilePieces: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    enum Part: Sendable {
        case bytes([UInt8])
        case file(FilePath)
    }

    let parts: [Part]
    let length: Int64

    init(_ parts: [Part]) throws {
        self.parts = parts
        length = try parts.reduce(0) { $0 + (try Self.length($1)) }
    }

    private static func length(_ part: Part) throws -> Int64 {
        switch part {
        case .bytes(let bytes): return Int64(bytes.count)
        case .file(let path):
            guard case .regular(let size) = try FileTree.kind(path) else { throw Errno.invalidArgument }
            return size
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(parts: parts[...]) }

    struct Iterator: AsyncIteratorProtocol {
        private var parts: ArraySlice<Part>
        private var source: Source?

        init(parts: ArraySlice<Part>) { self.parts = parts }

        mutating func next() async throws -> ByteBuffer? {
            while true {
                if let piece = try source?.read() { return piece }
                source = nil
                switch parts.popFirst() {
                case .bytes(let bytes)?: return ByteBuffer(bytes: bytes)
                case .file(let path)?:
                    source = Source(try FileDescriptor.open(path, .readOnly, options: [.closeOnExec]))
                case nil: return nil
                }
            }
        }
    }

    /// The open file, closed with the last reference to it.
    private final class Source {
        private let file: FileDescriptor

        init(_ file: FileDescriptor) { self.file = file }
        deinit { try? file.close() }  // it was only read

        func read() throws -> ByteBuffer? {
            var bytes = [UInt8](repeating: 0, count: 256 << 10)
            let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
            return count == 0 ? nil : ByteBuffer(bytes: bytes[..<count])
        }
    }
}
