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

    /// The variable that every program of a build has in its environment, with the build's folder.
    static let mark = "RUCHE_BUILD"

    /// Clears what dead builds left in `work`: their processes, mounts and files. Returns how many there were.
    static func reconcile(_ work: FilePath) async throws -> Int {
        guard FileTree.isFolder(work) else { return 0 }
        var count = 0
        for name in try FileTree.names(in: work) {
            let folder = work.appending(name)
            guard FileTree.isFolder(folder), let lock = try FileLock.tryAcquire(folder.appending("lock")) else {
                continue
            }
            try await endProcesses(of: folder)
            try remove(folder)
            withExtendedLifetime(lock) {}
            count += 1
        }
        return count
    }

    /// Kills what a killed build was running, on this machine and in its containers, and waits until it has gone.
    private static func endProcesses(of folder: FilePath) async throws {
        // One that waits for a busy disk ends when that has answered.
        let haveEnded = try await Waiting.until(within: .seconds(60), every: .milliseconds(10)) {
            let left = try FileTree.names(in: "/proc").compactMap { Int32($0) }
                .filter { belongs($0, to: folder) }.compactMap { ProcessIdentity(of: $0) }
            for process in left { process.send(SIGKILL) }
            return left.isEmpty
        }
        if haveEnded { return }
        throw RucheError(.internalError, "processes of a former build do not end; its folder is \"\(folder)\"")
    }

    /// True for a program that the build started (its environment says so) and for what runs in a root of the build.
    private static func belongs(_ process: Int32, to folder: FilePath) -> Bool {
        guard process != getpid() else { return false }
        let place = FilePath("/proc").appending(String(process))
        // A process that ended meanwhile has no files to read.
        let environment = (try? AtomicFile.read(place.appending("environ"))) ?? []
        if environment.split(separator: 0).contains(where: { $0.elementsEqual("\(mark)=\(folder)".utf8) }) {
            return true
        }
        let mounts = (try? AtomicFile.read(place.appending("mountinfo"))) ?? []
        return String(decoding: mounts, as: UTF8.self).split(separator: "\n").contains { line in
            line.contains("upperdir=\(folder)/") && line.split(separator: " ").dropFirst(4).first == "/"
        }
    }
}
