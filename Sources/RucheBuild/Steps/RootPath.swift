import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Paths of an image, resolved as if its root were `/`: no link of an image leads out of it.
///
/// Good only while nothing runs in the root.
enum RootPath {
    private static let linkLimit = 40

    /// The place on this machine of `path` in `root`, links followed. What does not exist yet is taken as written.
    static func resolve(_ path: String, in root: FilePath, followLast: Bool = true) throws -> FilePath {
        var pending = path.split(separator: "/").map(String.init).reversed() as [String]
        var done: [String] = []
        var links = 0
        while let name = pending.popLast() {
            if name == "." { continue }
            if name == ".." {
                _ = done.popLast()
                continue
            }
            let candidate = place(done + [name], in: root)
            guard followLast || !pending.isEmpty, let target = try FileTree.linkTarget(candidate) else {
                done.append(name)
                continue
            }
            links += 1
            guard links <= linkLimit else {
                throw RucheError(.buildFailed, "\"\(path)\" goes through more than \(linkLimit) links in the image")
            }
            if target.hasPrefix("/") { done = [] }
            pending.append(contentsOf: target.split(separator: "/").map(String.init).reversed())
        }
        return place(done, in: root)
    }

    /// The content of a file in the image, or nil when it is not there.
    static func read(_ path: String, in root: FilePath, limit: Int = 64 << 20) throws -> [UInt8]? {
        let place = try resolve(path, in: root)
        var status = stat()
        guard lstat(place.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return try AtomicFile.read(place, limit: limit)
    }

    /// The absolute path in the image of a program, or nil.
    static func program(_ name: String, in root: FilePath) throws -> String? {
        let folders = name.hasPrefix("/") ? [""] : Tool.searchPath.split(separator: ":").map { $0 + "/" }
        return try folders.map { $0 + name }.first { access(try resolve($0, in: root).string, X_OK) == 0 }
    }

    private static func place(_ names: [String], in root: FilePath) -> FilePath {
        names.reduce(root) { $0.appending($1) }
    }
}
