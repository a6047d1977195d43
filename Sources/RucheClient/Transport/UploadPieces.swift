import Foundation
import NIOCore
import RucheCore
import SystemPackage

import struct Crypto.SHA256

/// Reads a file in pieces that are sent one after the other, and the digest of all that was read.
actor UploadPieces {
    /// Bytes that are kept whole or dropped by whoever receives them.
    struct Piece: Sendable {
        var start: Int64
        var bytes: ByteBuffer
        /// As TUS wants it: the algorithm and base64.
        var checksum: String

        var end: Int64 { start + Int64(bytes.readableBytes) }
    }

    /// Two of them are in memory: one on its way, and the next.
    private static let size = 16 << 20

    /// Bytes in all, taken when it was opened.
    nonisolated let length: Int64
    private let path: FilePath
    private let file: SystemPackage.FileDescriptor
    private var hash = SHA256()
    private var hashed: Int64 = 0

    /// Throws `not_found` or `invalid_input` for a file that can't be read.
    init(_ path: FilePath) throws {
        self.path = path
        do {
            file = try SystemPackage.FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
            length = try file.seek(offset: 0, from: .end)
        } catch let error as Errno {
            let code: ErrorCode = error == .noSuchFileOrDirectory ? .notFound : .invalidInput
            throw RucheError(code, "can't read \(path): \(error)".lowercased(), cause: error)
        }
    }

    deinit { try? file.close() }  // it was only read

    /// The piece at an offset; nil at the end of the file.
    func piece(at start: Int64) throws -> Piece? {
        try catchUp(to: start)
        guard start < length else { return nil }
        let bytes = try read(start)
        var piece = SHA256()
        bytes.withUnsafeReadableBytes { piece.update(bufferPointer: $0) }
        if hashed == start { add(bytes) }
        return Piece(
            start: start, bytes: bytes, checksum: "sha256 \(Data(piece.finalize()).base64EncodedString())")
    }

    /// The digest of the whole file as it was read.
    func digest() throws -> Digest {
        try catchUp(to: length)
        return Digest(bytes: hash.finalize())
    }

    /// What another run of the program sent counts as well.
    private func catchUp(to offset: Int64) throws {
        while hashed < offset { add(try read(hashed, upTo: offset)) }
    }

    private func add(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        hashed += Int64(bytes.readableBytes)
    }

    private func read(_ start: Int64, upTo end: Int64? = nil) throws -> ByteBuffer {
        let wanted = Int(min(Int64(Self.size), (end ?? length) - start))
        var buffer = ByteBuffer()
        while buffer.readableBytes < wanted {
            let rest = wanted - buffer.readableBytes
            let place = start + Int64(buffer.readableBytes)
            let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: rest) { bytes in
                try file.read(
                    fromAbsoluteOffset: place, into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<rest]))
            }
            guard count > 0 else {
                throw RucheError(.invalidInput, "\(path) became shorter while it was sent; send it again")
            }
        }
        return buffer
    }
}
