import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// The tar of a recipe that a build gets: the recipe, what it reads, and a lock; nothing else of its folder.
struct RecipeArchive: Sendable {
    /// The name of the lock in the tar.
    static let lockFile = ".ruche-lock.json"
    private static let mostEntries = 200_000

    private let folder: FilePath
    private var entries: Set<String> = []

    init(folder: FilePath) { self.folder = folder }

    /// Adds a file, or a folder with all that is in it, by its path below the recipe's folder.
    mutating func add(_ relative: String) throws {
        let name = FilePath(relative).lexicallyNormalized()
        guard !name.isAbsolute, !name.components.contains(where: { $0.kind == .parentDirectory }) else {
            throw RucheError(.invalidRecipe, "the recipe reads \"\(relative)\", which is not in its folder")
        }
        var pending = [name]
        while let path = pending.popLast() {
            let isTop = path.components.isEmpty || path.string == "."
            if !isTop { insert(path) }
            guard entries.count <= Self.mostEntries else {
                throw RucheError(.invalidRecipe, "the recipe reads more than \(Self.mostEntries) files")
            }
            let place = isTop ? folder : folder.pushing(path)
            var status = stat()
            guard lstat(place.string, &status) == 0 else { throw Self.unreadable(place) }
            guard status.st_mode & S_IFMT == S_IFDIR else { continue }
            for child in try FileTree.names(in: place) {
                pending.append(isTop ? FilePath(child) : path.appending(child))
            }
        }
    }

    private mutating func insert(_ path: FilePath) {
        var path = path
        while !path.components.isEmpty, entries.insert(path.string).inserted { path.removeLastComponent() }
    }

    /// Writes the tar: sorted, with times of zero, so that the same recipe is the same bytes.
    func write(to target: FilePath, lock: [UInt8]?) throws {
        let writer = try ArchiveWriter(target)
        for name in entries.sorted() where name != Self.lockFile { try write(name, writer) }
        if let lock {
            let entry = ArchiveEntry(
                path: Array(Self.lockFile.utf8), kind: .regular, permissions: 0o600, size: Int64(lock.count))
            try writer.add(entry, content: lock)
        }
        try writer.close()
    }

    private func write(_ name: String, _ writer: ArchiveWriter) throws {
        let path = folder.appending(name)
        var status = stat()
        guard lstat(path.string, &status) == 0 else { throw Self.unreadable(path) }
        let permissions = status.st_mode & 0o7777
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            try writer.add(ArchiveEntry(path: Array(name.utf8), kind: .folder, permissions: permissions))
        case S_IFLNK:
            var entry = ArchiveEntry(path: Array(name.utf8), kind: .symbolicLink, permissions: 0o777)
            entry.link = try Self.linkTarget(path)
            try writer.add(entry)
        case S_IFREG:
            let entry = ArchiveEntry(
                path: Array(name.utf8), kind: .regular, permissions: permissions, size: Int64(status.st_size))
            try writer.add(entry)
            try Self.copy(path, size: Int64(status.st_size), to: writer)
        default:
            throw RucheError(
                .invalidRecipe, "\"\(name)\" is neither a file, a folder nor a link: a recipe can't read it")
        }
    }

    private static func copy(_ path: FilePath, size: Int64, to writer: ArchiveWriter) throws {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        try file.closeAfter {
            var left = size
            var buffer = [UInt8](repeating: 0, count: 1 << 18)
            while left > 0 {
                let wanted = Int(min(left, Int64(buffer.count)))
                let count = try buffer.withUnsafeMutableBytes {
                    try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]))
                }
                guard count > 0 else {
                    throw RucheError(.invalidRecipe, "\(path) became shorter while it was read; build again")
                }
                try buffer.withUnsafeBytes { try writer.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                left -= Int64(count)
            }
        }
    }

    private static func linkTarget(_ path: FilePath) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return -1 }
            return readlink(path.string, base.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard count >= 0 else { throw unreadable(path) }
        return Array(buffer[..<count])
    }

    private static func unreadable(_ path: FilePath) -> RucheError {
        RucheError(.invalidRecipe, "can't read \(path): \(Errno(rawValue: errno))")
    }
}
