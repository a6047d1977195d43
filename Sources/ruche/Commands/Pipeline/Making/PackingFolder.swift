import Glibc
import RucheHost
import SystemPackage

/// The hidden folder beside a package in which it is made, so that it is renamed into place whole.
enum PackingFolder {
    private static let lock = "making"

    /// Removes first what a killed command left of the same.
    static func with<Result>(
        for target: FilePath, _ body: (FilePath) async throws -> Result
    ) async throws -> Result {
        let parent = target.removingLastComponent()
        let prefix = ".\(target.lastComponent?.string ?? "package")"
        for name in try FileTree.names(in: parent) where name.hasPrefix(prefix + ".") {
            try removeLeft(parent.appending(name))
        }
        return try await TemporaryDirectory.with(in: parent, prefix: prefix) { folder in
            let held = try FileLock.tryAcquire(folder.appending(lock))
            defer { withExtendedLifetime(held) {} }
            return try await body(folder)
        }
    }

    /// A folder whose lock nobody holds. One without a lock was not made here, or is being made just now.
    private static func removeLeft(_ folder: FilePath) throws {
        guard FileTree.exists(folder.appending(lock)), let held = try FileLock.tryAcquire(folder.appending(lock)) else {
            return
        }
        defer { withExtendedLifetime(held) {} }
        try FileTree.remove(folder)
    }
}
