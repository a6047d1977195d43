import Glibc
import RucheCore
import RucheHost
package import SystemPackage

/// Files and folders of this machine on their way into a workbench: found and checked before anything is copied.
package struct PushedFiles: Sendable {
    private struct Item: Sendable {
        var path: FilePath
        var name: [UInt8]
        var entry: ArchiveEntry
    }

    /// What is pushed, by name at its destination, parents first.
    private var items: [Item] = []
    package private(set) var bytes: Int64 = 0
    package private(set) var files = 0
    /// The names at the top, in order.
    package private(set) var names: [String] = []

    /// Takes paths, folders with all they hold, and patterns with `*`, `?` and `[…]` that no shell has expanded.
    /// Throws `not_found` or `invalid_input` with a problem a path. `mode` replaces the permissions of files.
    package init(_ paths: [FilePath], mode: UInt32? = nil) throws {
        var problems: [Problem] = []
        for path in paths {
            let found = FileTree.exists(path) ? [path] : Self.expand(path)
            if found.isEmpty { problems.append(Problem(path: path.string, message: "does not exist")) }
            for source in found {
                let name = source.lastComponent?.string ?? ""
                if name.isEmpty || names.contains(name) {
                    problems.append(
                        Problem(path: source.string, message: name.isEmpty ? "has no name" : "comes twice as \(name)"))
                    continue
                }
                names.append(name)
                do { try add(source, Array(name.utf8), mode) } catch let error as RucheError {
                    problems.append(Problem(path: source.string, message: error.message))
                }
            }
        }
        guard problems.isEmpty else {
            throw RucheError(
                problems.allSatisfy { $0.message == "does not exist" } ? .notFound : .invalidInput,
                "\(problems.count) of the files can't be pushed", problems: problems)
        }
    }

    /// True for a single thing that is no folder.
    package var isOneFile: Bool { items.count == 1 && items[0].entry.kind != .folder }

    /// Writes the tar that is unpacked at the destination. `renamed` is the name of a single file there.
    package func write(to target: FilePath, renamed: String?, onProgress: (Int64) -> Void) throws {
        let writer = try ArchiveWriter(target)
        var done: Int64 = 0
        for item in items {
            var entry = item.entry
            if let renamed { entry.path = Array(renamed.utf8) }
            try writer.add(entry)
            guard entry.kind == .regular else { continue }
            try Self.copy(item.path, size: entry.size, to: writer) {
                done += $0
                onProgress(done)
            }
        }
        try writer.close()
    }

    private mutating func add(_ path: FilePath, _ name: [UInt8], _ mode: UInt32?) throws {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { throw Self.unreadable(path, errno) }
        let permissions = status.st_mode & 0o777
        var entry = ArchiveEntry(path: name, kind: .regular, permissions: permissions)
        entry.modified = Int64(status.st_mtim.tv_sec)
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            entry.size = Int64(status.st_size)
            entry.permissions = mode ?? permissions
            bytes += entry.size
            files += 1
            items.append(Item(path: path, name: name, entry: entry))
        case S_IFLNK:
            entry.kind = .symbolicLink
            entry.permissions = 0o777
            entry.link = Array((try FileTree.linkTarget(path) ?? "").utf8)
            files += 1
            items.append(Item(path: path, name: name, entry: entry))
        case S_IFDIR:
            entry.kind = .folder
            items.append(Item(path: path, name: name, entry: entry))
            for child in try FileTree.names(in: path) {
                try add(path.appending(child), name + [47] + Array(child.utf8), mode)
            }
        default: throw RucheError(.invalidInput, "\(path) is neither a file, a folder nor a link")
        }
    }

    private static func expand(_ path: FilePath) -> [FilePath] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(path.string, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { FilePath(String(cString: $0)) } }
    }

    private static func copy(
        _ path: FilePath, size: Int64, to writer: ArchiveWriter, onBytes: (Int64) -> Void
    ) throws {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
        try file.closeAfter {
            var left = size
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while left > 0 {
                let wanted = Int(min(left, Int64(buffer.count)))
                let count = try buffer.withUnsafeMutableBytes {
                    try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]))
                }
                guard count > 0 else {
                    throw RucheError(.conflict, "\(path) became shorter while it was read; push it again")
                }
                try buffer.withUnsafeBytes { try writer.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                left -= Int64(count)
                onBytes(Int64(count))
            }
        }
    }

    private static func unreadable(_ path: FilePath, _ reason: Int32) -> RucheError {
        RucheError(.invalidInput, "\(path) can't be read: \(Errno(rawValue: reason))")
    }
}
