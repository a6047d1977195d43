package import NIOCore
import RucheCore
package import SystemPackage

/// The bytes of a request body: a file read piece by piece, or bytes in memory.
package struct Upload: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer

    private enum Source: Sendable {
        case file(FilePath, from: Int64)
        case bytes([UInt8])
        case chunks(@Sendable () async throws -> ByteBuffer?)
    }

    private static let pieceSize = 256 << 10
    private let source: Source
    /// Bytes in all, when that is known.
    package let length: Int64?
    /// Called after each piece with the bytes sent so far.
    private let onProgress: (@Sendable (Int64) -> Void)?

    /// A regular file; its size is taken now. Throws the system's error.
    package init(file: FilePath, onProgress: (@Sendable (Int64) -> Void)? = nil) throws {
        let descriptor = try SystemPackage.FileDescriptor.open(file, .readOnly, options: [.closeOnExec])
        length = try descriptor.closeAfter { try descriptor.seek(offset: 0, from: .end) }
        source = .file(file, from: 0)
        self.onProgress = onProgress
    }

    /// A part of a regular file.
    package init(
        file: FilePath, from offset: Int64, length: Int64, onProgress: (@Sendable (Int64) -> Void)? = nil
    ) {
        source = .file(file, from: offset)
        self.length = length
        self.onProgress = onProgress
    }

    package init(bytes: [UInt8]) {
        source = .bytes(bytes)
        length = Int64(bytes.count)
        onProgress = nil
    }

    /// What `next` gives, until it gives nil: so many bytes in all.
    package init(
        length: Int64, onProgress: (@Sendable (Int64) -> Void)? = nil,
        next: @escaping @Sendable () async throws -> ByteBuffer?
    ) {
        source = .chunks(next)
        self.length = length
        self.onProgress = onProgress
    }

    package func makeAsyncIterator() -> Iterator { Iterator(upload: self) }

    /// Reads a file in order; it is closed at its end or with the iterator.
    package final class Iterator: AsyncIteratorProtocol {
        private let upload: Upload
        private var file: SystemPackage.FileDescriptor?
        private var sent: Int64 = 0
        private var isDone = false

        init(upload: Upload) { self.upload = upload }

        deinit { try? file?.close() }  // nothing was written through it

        package func next() async throws -> ByteBuffer? {
            guard !isDone else { return nil }
            try Task.checkCancellation()
            switch upload.source {
            case .bytes(let bytes):
                isDone = true
                return ByteBuffer(bytes: bytes)
            case .chunks(let next):
                guard let buffer = try await next() else { return finish() }
                sent += Int64(buffer.readableBytes)
                upload.onProgress?(sent)
                return buffer
            case .file(let path, let start):
                let descriptor = try file ?? SystemPackage.FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
                file = descriptor
                var buffer = ByteBuffer()
                // A file that grows meanwhile is sent up to the length that was announced.
                let wanted = Swift.min(Int64(Upload.pieceSize), (upload.length ?? .max) - sent)
                guard wanted > 0 else { return finish() }
                let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Int(wanted)) { bytes in
                    try descriptor.read(
                        fromAbsoluteOffset: start + sent,
                        into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<Int(wanted)]))
                }
                guard count > 0 else {
                    throw RucheError(.invalidInput, "\(path) became shorter while it was sent; send it again")
                }
                sent += Int64(count)
                upload.onProgress?(sent)
                return buffer
            }
        }

        private func finish() -> ByteBuffer? {
            isDone = true
            return nil
        }
    }
}
