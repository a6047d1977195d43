import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// When a container was last made of each image that a daemon was given: one empty file for each digest.
struct ImageMarks: Sendable {
    private static let dayInSeconds = 86_400
    private static let standardDays = 14

    private let folder: FilePath
    private let days: Int

    /// `engine` is the engine's own folder.
    init(engine: FilePath, settings: EngineSettings) {
        folder = engine.appending("images")
        days = settings.integer("keep_images") ?? Self.standardDays
    }

    func markUsed(_ digest: Digest) throws {
        try FileTree.makeFolder(folder, permissions: 0o700)
        try AtomicFile.write([], to: folder.appending(digest.hex), durable: false)
    }

    /// Hexadecimal digests of what no container was made of for `keep_images` days.
    func unused() -> [String] {
        let names = (try? FileTree.names(in: folder)) ?? []  // none was ever used
        return names.filter { name in
            var status = stat()
            guard stat(folder.appending(name).string, &status) == 0 else { return false }
            return time(nil) - status.st_mtim.tv_sec > days * Self.dayInSeconds
        }
    }

    func forget(_ digest: String) throws { try FileTree.remove(folder.appending(digest)) }
}
