import Glibc
package import RucheCore
import RucheHost
package import SystemPackage

/// Unpacked layers as folders `HEX` (of the diff id), with an empty file `HEX.used` whose time says when a layer
/// was last asked for. A folder that has its final name is whole.
package final class FileLayerCache: LayerCache {
    package let folder: FilePath
    let gate: CollectionGate
    private let store: any ContentStore

    /// Makes the folder, and removes what processes that died were unpacking.
    package init(folder: FilePath, store: any ContentStore) throws {
        self.folder = folder
        self.store = store
        gate = CollectionGate(path: folder.appending(".gate"))
        do {
            try FileTree.makeFolder(folder)
            for name in try FileTree.names(in: folder) where name.hasPrefix(Self.scratchPrefix) {
                if name.hasSuffix(".lock") { continue }
                let path = folder.appending(name)
                if try LockedFile.removeIfDead(folder.appending(name + ".lock")) { try FileTree.remove(path) }
            }
        } catch let error as Errno {
            throw RucheError.storage(error, "open the layer cache", folder)
        }
    }

    private static let scratchPrefix = "unpacking."

    package func folder(diffID: Digest, blob: Descriptor) async throws -> FilePath {
        let path = path(of: diffID)
        if try await present(diffID) { return path }
        return try await withScratch { scratch in
            let actual = try await store.withFile(blob.digest) { archive in
                try await LayerUnpacker().unpack(archive, compressions: try blob.layerCompressions, into: scratch)
            }
            guard actual == diffID else {
                throw RucheError(
                    .corruptContent, "layer \(blob.digest) unpacks to \(actual) instead of \(diffID)",
                    details: ["expected": diffID.description, "actual": actual.description])
            }
            return try place(scratch, as: diffID)
        }
    }

    package func adopt(_ folder: FilePath, diffID: Digest) async throws -> FilePath {
        let path = path(of: diffID)
        do {
            if try await present(diffID) {
                try FileTree.remove(folder)
                return path
            }
            guard chown(folder.string, 0, 0) == 0, chmod(folder.string, 0o755) == 0 else {
                throw Errno(rawValue: errno)
            }
            return try place(folder, as: diffID)
        } catch let error as Errno {
            throw RucheError.storage(error, "keep a layer in", self.folder)
        }
    }

    /// Calls `body` with an empty folder on the cache's file system, which is removed afterwards, also after
    /// this process was killed (by the next one that opens the cache).
    func withScratch<Result>(_ body: (FilePath) async throws -> Result) async throws -> Result {
        let name = "\(Self.scratchPrefix)\(getpid()).\(UInt64.random(in: .min ... .max))"
        let scratch = folder.appending(name)
        let lockPath = folder.appending(name + ".lock")
        do {
            guard let lock = try FileLock.tryAcquire(lockPath) else { throw Errno.resourceBusy }
            defer { withExtendedLifetime(lock) { _ = unlink(lockPath.string) } }
            try FileTree.makeFolder(scratch, permissions: 0o700)
            let result = try await body(scratch)
            try FileTree.remove(scratch)
            return result
        } catch {
            try? FileTree.remove(scratch)  // the body's error is the one to report
            throw (error as? Errno).map { RucheError.storage($0, "use the layer cache", folder) } ?? error
        }
    }

    private func place(_ source: FilePath, as diffID: Digest) throws -> FilePath {
        let path = path(of: diffID)
        // A torn layer under a final name would be used for ever: everything is on the disk before the rename.
        try DurableTree.sync(source)
        do {
            try AtomicFile.rename(source, to: path)
        } catch  where FileTree.isFolder(path) {
            try FileTree.remove(source)  // another process was faster with the same layer
        }
        try touch(diffID)
        return path
    }

    /// Whether the layer is here; then it counts as used now, before a collection can look at it.
    private func present(_ diffID: Digest) async throws -> Bool {
        try await gate.shared {
            guard FileTree.isFolder(path(of: diffID)) else { return false }
            try touch(diffID)
            return true
        }
    }

    private func touch(_ diffID: Digest) throws {
        let path = usePath(of: diffID)
        let descriptor = open(path.string, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw RucheError.storage(Errno(rawValue: errno), "write", path) }
        defer { close(descriptor) }
        guard futimens(descriptor, nil) == 0 else { throw RucheError.storage(Errno(rawValue: errno), "write", path) }
    }

    func usePath(of diffID: Digest) -> FilePath { folder.appending("\(diffID.hex).used") }
    func path(of diffID: Digest) -> FilePath { folder.appending(diffID.hex) }
}
