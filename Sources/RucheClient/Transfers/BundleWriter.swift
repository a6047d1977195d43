import Glibc
import NIOCore
package import RucheCore
import RucheHost
import RucheWire
package import SystemPackage

import struct Crypto.SHA256

/// Writes releases of a site into one file: a tar that is the same bytes whenever the releases are the same.
package struct BundleWriter: Sendable {
    private let client: APIClient

    package init(_ client: APIClient) { self.client = client }

    /// Writes to `target`, which must not exist, under a temporary name first. Throws `corrupt_content` for a blob that
    /// is not what it should be, and `gone` for a release that is revoked.
    package func write(
        _ references: [ReleaseReference], to target: FilePath,
        onProgress: @Sendable (_ done: Int64, _ total: Int64) -> Void
    ) async throws -> BundleDocument {
        guard !FileTree.exists(target) else {
            throw RucheError(.conflict, "\(target) exists already; move it away or name another place")
        }
        let document = try await document(references)
        let temporary = target.removingLastComponent()
            .appending(".\(target.lastComponent?.string ?? "bundle").\(getpid()).part")
        do {
            try await write(document, temporary, onProgress)
            // A link fails where a rename would replace what appeared meanwhile.
            guard link(temporary.string, target.string) == 0 else { throw Errno(rawValue: errno) }
            unlink(temporary.string)
            try AtomicFile.syncFolder(target.removingLastComponent())
        } catch {
            unlink(temporary.string)
            throw TransportFailure.translate(error, address: client.address)
        }
        return document
    }

    private func document(_ references: [ReleaseReference]) async throws -> BundleDocument {
        var releases: [String: TransferDocument] = [:]
        for reference in references {
            let offer = try await client.offer(reference)
            if let reason = offer.revokedReason {
                throw RucheError(.gone, "\(offer.name):\(offer.version) is revoked: \(reason)")
            }
            releases["\(offer.name):\(offer.version)"] = offer
        }
        return BundleDocument(releases: releases.sorted { $0.key < $1.key }.map(\.value))
    }

    private func write(
        _ document: BundleDocument, _ path: FilePath, _ onProgress: @Sendable (Int64, Int64) -> Void
    ) async throws {
        let archive = try ArchiveWriter(path, limits: ArchiveLimits(bytes: .max))
        try archive.add(Self.entry(BundleDocument.path), content: try JSON.encode(document))
        let blobs = document.blobs
        let total = blobs.reduce(0) { $0 + $1.size }
        var done: Int64 = 0
        for blob in blobs {
            guard let name = document.releases.first(where: { $0.blobs.contains(blob) })?.name else { continue }
            var entry = Self.entry(BundleDocument.blobFolder + blob.digest.hex)
            entry.size = blob.size
            try archive.add(entry)
            var hash = SHA256()
            let next = try await client.blob(blob.digest, size: blob.size, from: 0, of: name)
            while let buffer = try await next() {
                try buffer.withUnsafeReadableBytes { bytes in
                    hash.update(bufferPointer: bytes)
                    try archive.write(bytes)
                }
                done += Int64(buffer.readableBytes)
                onProgress(done, total)
            }
            guard Digest(bytes: hash.finalize()) == blob.digest else {
                throw RucheError(.corruptContent, "the site sent another content for \(blob.digest): verify it")
            }
        }
        try archive.close()
        let file = try SystemPackage.FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        try file.closeAfter { try file.sync() }
    }

    private static func entry(_ path: String) -> ArchiveEntry {
        ArchiveEntry(path: Array(path.utf8), kind: .regular, permissions: 0o644)
    }
}
