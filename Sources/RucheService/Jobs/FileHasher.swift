import Glibc
import RucheCore
import RucheHost
import SystemPackage

import struct Crypto.SHA256

/// SHA-256 of files, off the caller's actor, giving way to other work between pieces.
enum FileHasher {
    private static let piece = 1 << 20

    /// Hashes from the descriptor's start to its end. Cancellable.
    @concurrent static func digest(_ file: FileDescriptor) async throws -> (digest: Digest, size: Int64) {
        var hash = SHA256()
        var offset: Int64 = 0
        // Most outputs are small: a whole piece would take longer to clear than the file to read.
        let size = Int(clamping: FileIdentity(file)?.size ?? Int64(piece))
        var buffer = [UInt8](repeating: 0, count: min(piece, max(4096, size + 1)))
        while true {
            let count = try buffer.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: offset, into: $0) }
            if count == 0 { break }
            buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            offset += Int64(count)
            try Task.checkCancellation()
            await Task.yield()
        }
        return (Digest(bytes: hash.finalize()), offset)
    }

    /// Hashes a file that must be `identity` before and after; throws `invalid_input` naming it when it is not.
    @concurrent static func digest(path: FilePath, identity: FileIdentity?) async throws -> Digest {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch let error as Errno {
            throw RucheError(.invalidInput, "the input \(path) can't be read: \(error)", details: ["path": path.string])
        }
        defer { try? file.close() }  // it was only read
        let digest = try await digest(file).digest
        var status = stat()
        guard fstat(file.rawValue, &status) == 0, identity == nil || FileIdentity(status) == identity else {
            throw RucheError(
                .invalidInput, "the input \(path) changed since the job was accepted", details: ["path": path.string])
        }
        return digest
    }

    /// SHA-256 of a few bytes, hexadecimal.
    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        Digest(bytes: SHA256.hash(data: Array(bytes))).hex
    }
}
