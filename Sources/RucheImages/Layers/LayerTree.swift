import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// The folder a layer is unpacked into. Every step goes from an open folder to a name in it, and no link is
/// ever followed, so nothing outside can be reached.
final class LayerTree {
    private let root: Int32
    /// Folders that exist by an entry, with what to set once everything is in them.
    private var folders: [[UInt8]: ArchiveEntry] = [:]
    /// The folder of the last entry, kept open: neighbours follow each other in archives.
    private var recent: (path: [UInt8], descriptor: Int32)?

    init(_ path: FilePath) throws {
        root = open(path.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard root >= 0 else { throw Errno(rawValue: errno) }
    }

    deinit {
        forgetRecent()
        close(root)
    }

    func addFolder(_ entry: ArchiveEntry, at path: [[UInt8]]) throws {
        let (parent, name) = try locate(path)
        var isOpaque = false
        switch try kind(of: name, in: parent) {
        case S_IFDIR?: break
        case let existing:
            if existing != nil {
                isOpaque = try isWhiteout(name, in: parent)
                try unlink(name, in: parent)
            }
            try check(withName(name) { mkdirat(parent, $0, 0o755) })
        }
        if isOpaque { try markOpaque(path) }
        folders[Self.key(path)] = entry
    }

    func addFile(_ entry: ArchiveEntry, at path: [[UInt8]], from reader: ArchiveReader) throws {
        let (parent, name) = try locate(path)
        try clear(name, in: parent, path: path)
        let file = withName(name) { openat(parent, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
        guard file >= 0 else { throw Errno(rawValue: errno) }
        defer { close(file) }
        var end: Int64 = 0
        while let block = try reader.nextBlock() {
            guard block.offset >= 0, block.offset + Int64(block.bytes.count) <= entry.size else {
                throw RucheError(.invalidArchive, "\"\(entry.name)\" holds more than the size it states")
            }
            try FileDescriptor(rawValue: file).writeAll(toAbsoluteOffset: block.offset, block.bytes)
            end = block.offset + Int64(block.bytes.count)
        }
        if end < entry.size { try check(ftruncate(file, off_t(entry.size))) }
        try apply(entry, to: file)
    }

    func addSymbolicLink(_ entry: ArchiveEntry, at path: [[UInt8]]) throws {
        let (parent, name) = try locate(path)
        try clear(name, in: parent, path: path)
        try withName(name) { name in
            try withName(entry.link) { try check(symlinkat($0, parent, name)) }
            try check(fchownat(parent, name, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW))
            try setTime(entry, name, parent)
        }
    }

    /// The target must be in this layer already, and is not followed when it is a symbolic link.
    func addHardLink(_ entry: ArchiveEntry, at path: [[UInt8]], to target: [[UInt8]]) throws {
        if path == target { return }
        let (source, sourceName) = try locate(target, create: false, keep: false)
        defer { if source != root { close(source) } }
        guard let kind = try kind(of: sourceName, in: source) else {
            throw RucheError(
                .invalidArchive,
                "\"\(entry.name)\" is a hard link to \"\(String(decoding: entry.link, as: UTF8.self))\", which is not in the layer"
            )
        }
        guard kind != S_IFDIR, try !isWhiteout(sourceName, in: source) else {
            throw RucheError(.invalidArchive, "\"\(entry.name)\" is a hard link to something that can't have one")
        }
        let (parent, name) = try locate(path)
        try clear(name, in: parent, path: path)
        try withName(sourceName) { old in
            try withName(name) { try check(linkat(source, old, parent, $0, 0)) }
        }
    }

    func addNode(_ entry: ArchiveEntry, at path: [[UInt8]]) throws {
        let types: [ArchiveEntry.Kind: mode_t] = [.characterDevice: S_IFCHR, .blockDevice: S_IFBLK, .fifo: S_IFIFO]
        let device = DeviceNumber.packed(major: entry.deviceMajor, minor: entry.deviceMinor)
        guard entry.kind != .characterDevice || device != 0 else {
            throw RucheError(.invalidArchive, "\"\(entry.name)\" is the device 0:0, which hides files of other layers")
        }
        let (parent, name) = try locate(path)
        try clear(name, in: parent, path: path)
        try withName(name) { name in
            try check(
                mknodat(parent, name, (types[entry.kind] ?? S_IFIFO) | 0o600, dev_t(entry.kind == .fifo ? 0 : device)))
            try check(fchownat(parent, name, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW))
            // Nobody but this task works here, and the name was just made: there is no link to follow.
            try check(fchmodat(parent, name, entry.permissions, 0))
            try setTime(entry, name, parent)
        }
    }

    /// Applies a mark: `.wh.NAME` hides NAME of the layers below, `.wh..wh..opq` everything in the folder.
    func whiteOut(_ path: [[UInt8]]) throws {
        guard let marker = path.last else { return }
        if marker == Whiteout.opaqueName { return try markOpaque(Array(path.dropLast())) }
        if marker.starts(with: Whiteout.metaPrefix) { return }
        let hidden = Array(marker.dropFirst(Whiteout.prefix.count))
        guard !hidden.isEmpty, hidden != [46], hidden != [46, 46] else {
            throw RucheError(.invalidArchive, "\"\(String(decoding: marker, as: UTF8.self))\" hides no file")
        }
        let (parent, name) = try locate(path.dropLast() + [hidden])
        switch try kind(of: name, in: parent) {
        case nil: try withName(name) { try check(mknodat(parent, $0, S_IFCHR, 0)) }
        case S_IFDIR?: try markOpaque(path.dropLast() + [hidden])
        default: break  // a mark speaks of the layers below; what this layer has stays
        }
    }

    /// Sets owners, modes and times of folders, deepest first: writing into them would change the times again.
    func finish() throws {
        let last = folders.sorted { $0.key.count > $1.key.count }
        for (key, entry) in last {
            let path = key.split(separator: 47).map(Array.init)
            guard let folder = try? openFolder(path, create: false) else { continue }  // replaced by a later entry
            defer { if folder != root { close(folder) } }
            try apply(entry, to: folder)
        }
        try check(fchown(root, 0, 0))
        try check(fchmod(root, 0o755))
    }

    private func markOpaque(_ path: [[UInt8]]) throws {
        let folder = try openFolder(path, create: true)
        defer { if folder != root { close(folder) } }
        try ExtendedAttributes.setOpaque(folder)
    }

    private func apply(_ entry: ArchiveEntry, to file: Int32) throws {
        try check(fchown(file, entry.uid, entry.gid))
        try check(fchmod(file, entry.permissions))
        // After the owner, whose change drops capabilities.
        try ExtendedAttributes.set(entry.attributes, on: file)
        let times = Self.times(entry)
        try check(futimens(file, times))
    }

    private func setTime(_ entry: ArchiveEntry, _ name: UnsafePointer<CChar>, _ parent: Int32) throws {
        try check(utimensat(parent, name, Self.times(entry), AT_SYMLINK_NOFOLLOW))
    }

    private static func times(_ entry: ArchiveEntry) -> [timespec] {
        [timespec(tv_sec: 0, tv_nsec: TimeField.omit), timespec(tv_sec: Int(entry.modified), tv_nsec: 0)]
    }

    /// Removes what an earlier entry left under this name, as tar does.
    private func clear(_ name: [UInt8], in parent: Int32, path: [[UInt8]]) throws {
        guard let kind = try kind(of: name, in: parent) else { return }
        guard kind == S_IFDIR else { return try unlink(name, in: parent) }
        forgetRecentBelow(path)
        guard withName(name, { unlinkat(parent, $0, AT_REMOVEDIR) }) == 0 else {
            throw RucheError(
                .invalidArchive,
                "\"\(String(decoding: Self.key(path), as: UTF8.self))\" is a folder with content and then something else"
            )
        }
    }

    private func unlink(_ name: [UInt8], in parent: Int32) throws {
        try check(withName(name) { unlinkat(parent, $0, 0) })
    }

    private func kind(of name: [UInt8], in parent: Int32) throws -> mode_t? { try status(name, parent)?.st_mode.kind }

    private func isWhiteout(_ name: [UInt8], in parent: Int32) throws -> Bool {
        try status(name, parent).map(Whiteout.isWhiteout) ?? false
    }

    private func status(_ name: [UInt8], _ parent: Int32) throws -> stat? {
        var status = stat()
        guard withName(name, { fstatat(parent, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            if errno == ENOENT { return nil }
            throw Errno(rawValue: errno)
        }
        return status
    }

    private func check(_ result: Int32) throws { guard result == 0 else { throw Errno(rawValue: errno) } }

    private static func key(_ path: [[UInt8]]) -> [UInt8] { Array(path.joined(separator: [47])) }
}

extension LayerTree {
    /// The open folder of `path`'s last component. With `keep`, it stays open for the next entry and must not
    /// be closed by the caller.
    private func locate(
        _ path: [[UInt8]], create: Bool = true, keep: Bool = true
    ) throws -> (parent: Int32, name: [UInt8]) {
        guard let name = path.last else { throw Errno.invalidArgument }
        let folder = Array(path.dropLast())
        guard keep else { return (try openFolder(folder, create: create), name) }
        let key = Self.key(folder)
        if folder.isEmpty { return (root, name) }
        if let recent, recent.path == key { return (recent.descriptor, name) }
        let descriptor = try openFolder(folder, create: create)
        forgetRecent()
        recent = (key, descriptor)
        return (descriptor, name)
    }

    private func openFolder(_ path: [[UInt8]], create: Bool) throws -> Int32 {
        var folder = root
        do {
            for name in path {
                let next = try step(name, in: folder, create: create)
                if folder != root { close(folder) }
                folder = next
            }
        } catch {
            if folder != root { close(folder) }
            throw error
        }
        return folder
    }

    private func step(_ name: [UInt8], in folder: Int32, create: Bool) throws -> Int32 {
        try withName(name) { name in
            let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
            var next = openat(folder, name, flags)
            if next < 0, errno == ENOENT, create {
                guard mkdirat(folder, name, 0o755) == 0 else { throw Errno(rawValue: errno) }
                next = openat(folder, name, flags)
            }
            guard next >= 0 else { throw Errno(rawValue: errno) }
            return next
        }
    }

    private func forgetRecent() {
        if let recent { close(recent.descriptor) }
        recent = nil
    }

    private func forgetRecentBelow(_ path: [[UInt8]]) {
        if let recent, recent.path.starts(with: Self.key(path)) { forgetRecent() }
    }
}

extension mode_t {
    /// The file type bits.
    fileprivate var kind: mode_t { self & S_IFMT }
}
