import Glibc
import RucheHost
import SystemPackage

/// Visits everything below a folder by descriptors, never through a link or onto another file system.
enum FolderWalk {
    struct Entry {
        /// Below the folder, with `/` between parts; what is not UTF-8 in it is repaired.
        var path: String
        /// False when the path is not UTF-8 as a whole, so that `path` does not lead there.
        var isText: Bool
        /// The name's bytes and a zero.
        var name: [CChar]
        /// Descriptor of the folder it is in; good during the visit only.
        var parent: Int32
        var status: stat

        var isFolder: Bool { status.st_mode & S_IFMT == S_IFDIR }
        var isRegular: Bool { status.st_mode & S_IFMT == S_IFREG }
        var isLink: Bool { status.st_mode & S_IFMT == S_IFLNK }
    }

    /// A job may nest folders to use up descriptors and stack: deeper ones are not entered.
    static let depthLimit = 256

    /// Folders come before what is in them; names in byte order. A missing folder has nothing in it.
    /// Entries that vanish meanwhile are passed over. `tooDeep` gets folders that were not entered.
    static func visit(
        _ folder: FilePath, _ body: (Entry) throws -> Void, tooDeep: (String) -> Void = { _ in }
    ) throws {
        let root = open(folder.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard root >= 0 else {
            if errno == ENOENT { return }
            throw Errno(rawValue: errno)
        }
        defer { close(root) }
        var status = stat()
        guard fstat(root, &status) == 0 else { throw Errno(rawValue: errno) }
        try visit(root, ("", true), depth: 0, device: status.st_dev, body, tooDeep)
    }

    private static func visit(
        _ folder: Int32, _ prefix: (path: String, isText: Bool), depth: Int, device: dev_t,
        _ body: (Entry) throws -> Void,
        _ tooDeep: (String) -> Void
    ) throws {
        for name in try names(folder) {
            var status = stat()
            guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_dev == device else { continue }
            let bytes = name.dropLast().map { UInt8(bitPattern: $0) }
            let text = String(validating: bytes, as: UTF8.self)
            let path = prefix.path + (text ?? String(decoding: bytes, as: UTF8.self))
            let isText = prefix.isText && text != nil
            let entry = Entry(path: path, isText: isText, name: name, parent: folder, status: status)
            try body(entry)
            guard entry.isFolder else { continue }
            guard depth < depthLimit else {
                tooDeep(entry.path)
                continue
            }
            let child = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard child >= 0 else { continue }
            defer { close(child) }
            try visit(child, (path + "/", isText), depth: depth + 1, device: device, body, tooDeep)
        }
    }

    /// Names with their closing zeros, in byte order.
    private static func names(_ folder: Int32) throws -> [[CChar]] {
        try FolderNames.read(folder).sorted { $0.lexicographicallyPrecedes($1) }
            .map { $0.map { CChar(bitPattern: $0) } + [0] }
    }

    /// Bytes that the files below a folder take on disk, each file counted once. `isWhole` is false when folders
    /// are nested too deeply to be looked into.
    static func diskUsage(_ folder: FilePath) throws -> (bytes: Int64, isWhole: Bool) {
        var total: Int64 = 0
        var isWhole = true
        var seen: Set<UInt64> = []
        try visit(folder) { entry in
            if entry.status.st_nlink > 1, !entry.isFolder, !seen.insert(UInt64(entry.status.st_ino)).inserted { return }
            total += Int64(entry.status.st_blocks) * 512
        } tooDeep: { _ in
            isWhole = false
        }
        return (total, isWhole)
    }
}
