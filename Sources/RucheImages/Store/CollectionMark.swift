import Glibc
import RucheHost
import SystemPackage

/// That a collection works, as a file beside the leases: so long, leases that end leave their files to it.
///
/// So names can change at any time while blobs are collected, without anybody waiting. A blob got its name either
/// before the names were looked at, or under a lease that the collection still finds.
struct CollectionMark: Sendable {
    static let endedSuffix = ".ended"
    private static let name = "collecting"
    private static let lockName = "collector.lock"

    private let folder: FilePath
    private let lock: FileLock

    static func isSet(in folder: FilePath) -> Bool { FileTree.exists(folder.appending(name)) }

    /// Waits for another collection to end. To be called before the names are looked at.
    static func set(in folder: FilePath) async throws -> CollectionMark {
        let lock = try await FileLock.acquire(folder.removingLastComponent().appending(lockName))
        try AtomicFile.write([UInt8](), to: folder.appending(name))
        // Leases of before: whatever they stood for has its name by now.
        try removeEnded(folder)
        return CollectionMark(folder: folder, lock: lock)
    }

    /// To be called after the last removal.
    func clear() throws {
        unlink(folder.appending(Self.name).string)
        try Self.removeEnded(folder)
        withExtendedLifetime(lock) {}
    }

    /// Removes what a collection that was killed left.
    static func removeDead(in folder: FilePath) throws {
        guard isSet(in: folder), let lock = try FileLock.tryAcquire(folder.removingLastComponent().appending(lockName))
        else { return }
        try CollectionMark(folder: folder, lock: lock).clear()
    }

    private static func removeEnded(_ folder: FilePath) throws {
        for name in try FileTree.names(in: folder) where name.hasSuffix(endedSuffix) {
            unlink(folder.appending(name).string)
        }
    }
}
