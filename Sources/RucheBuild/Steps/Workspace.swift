import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// The folder of one running build. It is locked, so that what a dead build left can be told from a live one.
final class Workspace: Sendable {
    let id: String
    let folder: FilePath
    private let lock: FileLock

    /// Throws `internal_error` when the lock of a folder nobody knows is taken.
    init(in work: FilePath) throws {
        id = String(UInt64.random(in: .min ... .max), radix: 36)
        folder = work.appending(id)
        try FileTree.makeFolder(folder, permissions: 0o700)
        guard let lock = try FileLock.tryAcquire(folder.appending("lock")) else {
            throw RucheError(.internalError, "the new folder \"\(folder)\" is locked already")
        }
        self.lock = lock
    }

    /// A fresh folder below this one.
    func folder(_ name: String) throws -> FilePath {
        let path = folder.appending(name)
        try FileTree.makeFolder(path, permissions: 0o755)
        return path
    }

    /// Removes everything, mounts first.
    func remove() throws { try Self.remove(folder) }

    static func remove(_ folder: FilePath) throws {
        for mount in try OverlayMount.mounted(under: folder) { try OverlayMount.unmount(mount) }
        try FileTree.remove(folder)
    }

    /// Clears what dead builds left in `work`: their processes, mounts and files. Returns how many there were.
    static func reconcile(_ work: FilePath) throws -> Int {
        guard FileTree.isFolder(work) else { return 0 }
        var count = 0
        for name in try FileTree.names(in: work) {
            let folder = work.appending(name)
            guard FileTree.isFolder(folder), let lock = try FileLock.tryAcquire(folder.appending("lock")) else {
                continue
            }
            try endProcesses(of: folder)
            try remove(folder)
            withExtendedLifetime(lock) {}
            count += 1
        }
        return count
    }

    /// Kills every process whose root is an overlay of this folder: what a killed build was running.
    private static func endProcesses(of folder: FilePath) throws {
        let mark = "upperdir=\(folder)/"
        for name in try FileTree.names(in: "/proc") {
            guard let process = pid_t(name), process != getpid() else { continue }
            // A process that ended meanwhile has no file to read.
            guard let bytes = try? AtomicFile.read(FilePath("/proc").appending(name).appending("mountinfo")) else {
                continue
            }
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            let isOurs = lines.contains { line in
                line.contains(mark) && line.split(separator: " ").dropFirst(4).first == "/"
            }
            if isOurs { kill(process, SIGKILL) }
        }
    }
}
