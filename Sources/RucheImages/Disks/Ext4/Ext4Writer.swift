import CExt2fs
import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Writes the files of an image's layers into an ext4 file system, in the order of `LayerWalk`.
struct Ext4Writer {
    private let files: Ext4FileSystem
    private let roots: [Int32]
    private var numbers: [[UInt8]: ext2_ino_t] = [[]: Ext4FileSystem.root]

    /// `roots` are the open folders of the layers, topmost first, as `LayerWalk` listed them.
    init(_ files: Ext4FileSystem, roots: [Int32]) {
        self.files = files
        self.roots = roots
    }

    mutating func write(_ items: [LayerWalk.Item]) throws {
        try own(
            Ext4FileSystem.root, ArchiveEntry(path: [], kind: .folder, permissions: 0o755, modified: Int64(files.time)))
        for item in items {
            try Task.checkCancellation()
            try write(item)
        }
    }

    private mutating func write(_ item: LayerWalk.Item) throws {
        let entry = item.entry
        let slash = entry.path.lastIndex(of: 47)
        let folderPath = slash.map { Array(entry.path[..<$0]) } ?? []
        let name = Array(entry.path[(slash.map { $0 + 1 } ?? 0)...])
        guard let folder = numbers[folderPath] else {
            throw RucheError(.internalError, "\"\(entry.name)\" comes before its folder")
        }
        switch entry.kind {
        case .folder: try addFolder(entry, name, in: folder)
        case .regular: numbers[entry.path] = try addFile(item, name, in: folder)
        case .symbolicLink: try addSymbolicLink(entry, name, in: folder)
        case .hardLink: try addHardLink(entry, name, in: folder)
        case .characterDevice, .blockDevice, .fifo: numbers[entry.path] = try addNode(entry, name, in: folder)
        case .socket: break  // no content, and gone with the program that made it
        }
    }

    private mutating func addFolder(_ entry: ArchiveEntry, _ name: [UInt8], in folder: ext2_ino_t) throws {
        // mke2fs makes this one itself.
        if entry.path == Array("lost+found".utf8) {
            var number: ext2_ino_t = 0
            let found = withName(name) { ext2fs_lookup(files.system, folder, $0, Int32(name.count), nil, &number) }
            if found == 0 { return try own(number, entry) }
        }
        let number = try files.reserve(in: folder, mode: UInt16(S_IFDIR | 0o755))
        try files.growing(folder) { withName(name) { ext2fs_mkdir(files.system, folder, number, $0) } }
        numbers[entry.path] = number
        try own(number, entry)
    }

    private func addFile(_ item: LayerWalk.Item, _ name: [UInt8], in folder: ext2_ino_t) throws -> ext2_ino_t {
        let source = withName(item.entry.path) {
            openat(roots[item.layer], $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        }
        guard source >= 0 else { throw Errno(rawValue: errno) }
        defer { Glibc.close(source) }
        try ExtendedAttributes.refuseRedirect(source, path: item.entry.path)
        var entry = item.entry
        entry.attributes = try ExtendedAttributes.kept(source)
        let number = try make(entry, name, in: folder, type: EXT2_FT_REG_FILE, mode: S_IFREG) { inode, number in
            try files.withSmall(&inode) { small in
                try Ext4FileSystem.check(ext2fs_inode_size_set(files.system, small, entry.size), "write")
                // Opening the tree of extents of an inode that has none makes an empty one.
                var handle: ext2_extent_handle_t?
                try Ext4FileSystem.check(ext2fs_extent_open2(files.system, number, small, &handle), "write")
                ext2fs_extent_free(handle)
            }
        }
        try Ext4FileContent(files).copy(source, to: number, size: entry.size, name: entry.name)
        try own(number, entry)
        return number
    }

    private mutating func addSymbolicLink(_ entry: ArchiveEntry, _ name: [UInt8], in folder: ext2_ino_t) throws {
        let number = try files.reserve(in: folder, mode: UInt16(S_IFLNK | 0o777))
        try files.growing(folder) {
            withName(name) { name in
                withName(entry.link) { ext2fs_symlink(files.system, folder, number, name, $0) }
            }
        }
        var changed = entry
        changed.permissions = 0o777
        try own(number, changed)
        numbers[entry.path] = number
    }

    private func addHardLink(_ entry: ArchiveEntry, _ name: [UInt8], in folder: ext2_ino_t) throws {
        guard let number = numbers[entry.link] else {
            throw RucheError(.internalError, "\"\(entry.name)\" is a link to what comes later")
        }
        var inode = try files.read(number)
        inode.i_links_count += 1
        try files.write(&inode, number)
        try files.link(number, name, in: folder, type: Self.type(inode.i_mode))
    }

    private func addNode(_ entry: ArchiveEntry, _ name: [UInt8], in folder: ext2_ino_t) throws -> ext2_ino_t {
        let kinds: [ArchiveEntry.Kind: (mode_t, Int32)] = [
            .characterDevice: (S_IFCHR, EXT2_FT_CHRDEV), .blockDevice: (S_IFBLK, EXT2_FT_BLKDEV),
        ]
        let (mode, type) = kinds[entry.kind] ?? (S_IFIFO, EXT2_FT_FIFO)
        return try make(entry, name, in: folder, type: type, mode: mode) { inode, _ in
            guard entry.kind != .fifo else { return }
            let (major, minor) = (entry.deviceMajor, entry.deviceMinor)
            // Linux, include/linux/kdev_t.h: old_encode_dev where it fits, new_encode_dev otherwise.
            if major < 256, minor < 256 {
                inode.i_block.0 = UInt32(major << 8 | minor)
            } else {
                inode.i_block.1 = UInt32((minor & 0xff) | major << 8 | (minor & ~0xff) << 12)
            }
        }
    }

    /// A new inode with a name.
    private func make(
        _ entry: ArchiveEntry, _ name: [UInt8], in folder: ext2_ino_t, type: Int32, mode: mode_t,
        _ fill: (inout ext2_inode_large, ext2_ino_t) throws -> Void
    ) throws -> ext2_ino_t {
        let number = try files.reserve(in: folder, mode: UInt16(mode | 0o600))
        try files.link(number, name, in: folder, type: type)
        ext2fs_inode_alloc_stats2(files.system, number, 1, 0)
        var inode = ext2_inode_large()
        inode.i_mode = UInt16(mode | 0o600)
        inode.i_links_count = 1
        try fill(&inode, number)
        try files.withSmall(&inode) {
            try Ext4FileSystem.check(ext2fs_write_new_inode(files.system, number, $0), "write")
        }
        return number
    }

    /// Sets owner, permissions, times and extended attributes.
    private func own(_ number: ext2_ino_t, _ entry: ArchiveEntry) throws {
        if !entry.attributes.isEmpty { try Ext4Attributes.set(entry.attributes, of: number, in: files) }
        var inode = try files.read(number)
        inode.i_mode = inode.i_mode & UInt16(S_IFMT) | UInt16(entry.permissions & 0o7777)
        (inode.i_uid, inode.osd2.linux2.l_i_uid_high) = (UInt16(entry.uid & 0xffff), UInt16(entry.uid >> 16))
        (inode.i_gid, inode.osd2.linux2.l_i_gid_high) = (UInt16(entry.gid & 0xffff), UInt16(entry.gid >> 16))
        let time = UInt32(clamping: entry.modified)
        (inode.i_atime, inode.i_mtime, inode.i_ctime, inode.i_crtime) = (time, time, time, time)
        try files.write(&inode, number)
    }

    private static func type(_ mode: UInt16) -> Int32 {
        switch mode_t(mode) & S_IFMT {
        case S_IFREG: EXT2_FT_REG_FILE
        case S_IFLNK: EXT2_FT_SYMLINK
        case S_IFCHR: EXT2_FT_CHRDEV
        case S_IFBLK: EXT2_FT_BLKDEV
        default: EXT2_FT_FIFO
        }
    }
}
