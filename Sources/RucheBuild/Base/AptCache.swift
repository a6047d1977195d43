import Foundation
import RucheCore
import RucheHost
import SystemPackage

import struct Crypto.SHA256

/// Package lists and downloaded packages of one set of sources, kept outside every image.
struct AptCache: Sendable {
    let folder: FilePath
    var lists: FilePath { folder.appending("lists") }
    /// apt's `/var/cache/apt`.
    var files: FilePath { folder.appending("files") }
    private var stamp: FilePath { folder.appending("updated") }

    init(cache: FilePath, sources: String, architecture: String) throws {
        let key = Digest(bytes: SHA256.hash(data: Array((architecture + "\n" + sources).utf8)))
        folder = cache.appending("apt").appending(key.short)
        try FileTree.makeFolder(lists.appending("partial"))
        try FileTree.makeFolder(files.appending("archives").appending("partial"))
    }

    /// One build at a time: apt refuses to share its folders rather than to wait.
    func lock() async throws -> FileLock { try await FileLock.acquire(folder.appending("lock")) }

    /// Seconds since 1970 of the last complete update, or nil.
    var updatedAt: Int64? {
        // No stamp means that no update came to its end.
        guard let bytes = try? AtomicFile.read(stamp, limit: 64) else { return nil }
        return Int64(String(decoding: bytes, as: UTF8.self))
    }

    func markUpdated(at seconds: Int64) throws { try AtomicFile.write(Array(String(seconds).utf8), to: stamp) }

    /// The newest `Date:` of the Release files here, seconds since 1970.
    func newestRelease() throws -> Int64? {
        try FileTree.names(in: lists).filter { $0.hasSuffix("Release") }.compactMap { name in
            let text = String(decoding: try AtomicFile.read(lists.appending(name)), as: UTF8.self)
            let line = text.split(separator: "\n").first { $0.hasPrefix("Date:") }
            return line.flatMap { SnapshotTime.release(String($0)) }
        }.max()
    }
}
