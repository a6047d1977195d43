import Foundation
import RucheCore
import SystemPackage

import struct Crypto.SHA256

/// The pieces of a file that are sent one after the other, and the digest of all of it.
///
/// Whoever receives a piece keeps it whole or not at all: on a line that breaks pieces are small, on a good one large.
actor UploadPieces {
    struct Piece: Sendable {
        var start: Int64
        var length: Int64
        /// As TUS wants it: the algorithm and base64.
        var checksum: String

        var end: Int64 { start + length }
    }

    private static let sizes: ClosedRange<Int64> = 1 << 20...64 << 20

    /// Bytes in all, taken when it was opened.
    nonisolated let length: Int64
    private let path: FilePath
    private let file: SystemPackage.FileDescriptor
    private var hash = SHA256()
    private var hashed: Int64 = 0
    private var size: Int64 = 8 << 20
    private var buffer = [UInt8](repeating: 0, count: 1 << 20)

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

    /// A piece was sent quickly: larger ones wait less for their answers.
    func grow() { size = min(size * 2, Self.sizes.upperBound) }

    /// A piece did not arrive: less is lost of a smaller one.
    func shrink() { size = max(size / 2, Self.sizes.lowerBound) }

    /// The piece at an offset; nil at the end of the file.
    func piece(at start: Int64) throws -> Piece? {
        try hash(upTo: start)
        guard start < length else { return nil }
        let end = min(start + size, length)
        var digest = SHA256()
        let isNew = hashed == start
        try read(start, upTo: end) { bytes in
            digest.update(bufferPointer: bytes)
            if isNew { add(bytes) }
        }
        return Piece(
            start: start, length: end - start, checksum: "sha256 \(Data(digest.finalize()).base64EncodedString())")
    }

    /// The digest of the whole file as it was read.
    func digest() throws -> Digest {
        try hash(upTo: length)
        return Digest(bytes: hash.finalize())
    }

    /// What another run of the program sent counts as well.
    private func hash(upTo end: Int64) throws {
        guard hashed < end else { return }
        try read(hashed, upTo: end) { add($0) }
    }

    private func add(_ bytes: UnsafeRawBufferPointer) {
        hash.update(bufferPointer: bytes)
        hashed += Int64(bytes.count)
    }

    private func read(_ start: Int64, upTo end: Int64, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        var place = start
        while place < end {
            let wanted = Int(min(Int64(buffer.count), end - place))
            let count = try buffer.withUnsafeMutableBytes { bytes in
                try file.read(
                    fromAbsoluteOffset: place, into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]))
            }
            guard count > 0 else {
                throw RucheError(.invalidInput, "\(path) became shorter while it was sent; send it again")
            }
            buffer.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            place += Int64(count)
        }
    }
}
