package import SystemPackage

/// A short-lived folder in memory, for files that a program insists on waiting for the disk to take.
package enum MemoryFolder {
    /// A new folder `ruche-<name>` for its owner only; nil where the machine has no place in memory.
    package static func make(_ name: String) throws -> FilePath? {
        guard let path = path(name) else { return nil }
        // Anybody may have put something there: it goes, and what comes in its place is an error.
        try FileTree.remove(path)
        guard try FileTree.makeNewFolder(path, permissions: 0o700) else { throw Errno.fileExists }
        return path
    }

    /// Removes the folder; a missing one is no error.
    package static func remove(_ name: String) throws {
        if let path = path(name) { try FileTree.remove(path) }
    }

    /// Read once: these belong to the system and stay.
    private static let parent: FilePath? = {
        // Without /proc there is no container either; the caller does without this folder.
        guard let mounts = try? MountTable.read() else { return nil }
        return ["/run", "/dev/shm"].first { parent in mounts.last { $0.mountPoint == parent }?.type == "tmpfs" }
    }()

    private static func path(_ name: String) -> FilePath? { parent?.appending("ruche-\(name)") }
}
