import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
package import RucheCore
import RucheHost
import SystemPackage

import struct Crypto.SHA256

/// How far a download is.
package struct DownloadProgress: Hashable, Sendable {
    package var received: Int64
    /// Bytes in all, when the server said so.
    package var total: Int64?
}

/// A finished download.
package struct Downloaded: Hashable, Sendable {
    package var size: Int64
    package var digest: Digest
    /// The `Content-Type` of the answer.
    package var type: String?
}

extension APIClient {
    /// Writes the answer to `target` under a temporary name first. Throws `conflict` when `target` exists,
    /// `corrupt_content` when the bytes are not those of `digest`; nothing is left then.
    func download(
        _ request: APIRequest, to target: FilePath, digest: Digest? = nil,
        onProgress: (@Sendable (DownloadProgress) -> Void)?
    ) async throws -> Downloaded {
        guard !FileTree.exists(target) else { throw Self.exists(target) }
        let temporary = target.removingLastComponent()
            .appending(".\(target.lastComponent?.string ?? "download").\(getpid()).part")
        do {
            let result = try await receive(request, to: temporary, onProgress: onProgress)
            if let digest, digest != result.digest {
                throw RucheError(
                    .corruptContent, "\(request.path) came as \(result.digest) and should be \(digest)",
                    details: ["digest": digest.description])
            }
            // A link fails where a rename would replace what appeared meanwhile.
            guard link(temporary.string, target.string) == 0 else {
                throw errno == EEXIST ? Self.exists(target) : Errno(rawValue: errno) as any Error
            }
            unlink(temporary.string)
            try AtomicFile.syncFolder(target.removingLastComponent())
            return result
        } catch {
            unlink(temporary.string)
            throw TransportFailure.translate(error, address: address)
        }
    }

    private func receive(
        _ request: APIRequest, to path: FilePath, onProgress: (@Sendable (DownloadProgress) -> Void)?
    ) async throws -> Downloaded {
        let response = try await send(request)
        var progress = DownloadProgress(
            received: 0, total: response.headers.first(name: "content-length").flatMap { Int64($0) })
        let file = try SystemPackage.FileDescriptor.open(
            path, .writeOnly, options: [.create, .truncate, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        var hash = SHA256()
        var writer = SparseWriter(file)
        do {
            for try await buffer in response.body {
                try buffer.withUnsafeReadableBytes { bytes in
                    hash.update(bufferPointer: bytes)
                    try writer.write(bytes)
                }
                progress.received += Int64(buffer.readableBytes)
                onProgress?(progress)
            }
            try writer.finish()
        } catch {
            try? file.close()  // the first error is the one to report
            throw error
        }
        try file.close()
        return Downloaded(
            size: progress.received, digest: Digest(bytes: hash.finalize()),
            type: response.headers.first(name: "content-type"))
    }

    private static func exists(_ target: FilePath) -> RucheError {
        RucheError(.conflict, "\(target) exists already; move it away or name another place")
    }
}
