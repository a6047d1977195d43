import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Lists folders stacked like the layers of an overlay mount (or one folder) as archive entries, sorted by
/// bytes within each folder, parents first.
struct LayerWalk {
    enum Mode {
        /// One folder as a layer: overlayfs whiteouts and opaque folders become OCI's marker files.
        case layer
        /// What a container would see: whiteouts hide and are not listed.
        case merged
    }

    struct Item {
        var entry: ArchiveEntry
        /// Which of the folders holds it; its own path there is the entry's.
        var layer: Int
    }

    let mode: Mode
    let clampTime: Int64
    /// Also sets the files' own times, so that the folder and its archive are equal.
    let clampsFolder: Bool
    private(set) var items: [Item] = []
    private var inodes: [Inode: [UInt8]] = [:]

    private struct Inode: Hashable {
        var device: UInt64
        var number: UInt64
    }

    /// A name in a folder, with the layers below that hold the same folder.
    private struct Child {
        var name: [UInt8]
        var layer: Int
        var status: stat
    }

    init(mode: Mode, clampTime: Int64, clampsFolder: Bool) {
        self.mode = mode
        self.clampTime = clampTime
        self.clampsFolder = clampsFolder
    }

    /// Lists `roots`, topmost first, as open folders.
    mutating func list(_ roots: [Int32]) throws {
        try list(roots.enumerated().map { ($0.offset, $0.element) }, prefix: [])
    }

    /// `stack`: the layers that hold this folder, topmost first.
    private mutating func list(_ stack: [(layer: Int, descriptor: Int32)], prefix: [UInt8]) throws {
        for child in try children(of: stack, prefix: prefix) {
            let path = prefix + child.name
            guard let parent = stack.first(where: { $0.layer == child.layer })?.descriptor else { continue }
            if child.status.st_mode & S_IFMT == S_IFDIR {
                try listFolder(child, path: path, stack: stack)
            } else {
                try append(child, path: path, parent: parent)
            }
        }
    }

    private mutating func listFolder(
        _ child: Child, path: [UInt8], stack: [(layer: Int, descriptor: Int32)]
    ) throws {
        var open: [(layer: Int, descriptor: Int32)] = []
        defer { for folder in open { close(folder.descriptor) } }
        for folder in stack where folder.layer >= child.layer {
            let descriptor = withName(child.name) {
                openat(folder.descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            }
            if descriptor < 0 {
                if folder.layer > child.layer, errno == ENOENT { continue }
                // A file or link of a lower layer hides what is below it.
                if folder.layer > child.layer, [ENOTDIR, ELOOP].contains(errno) { break }
                throw Errno(rawValue: errno)
            }
            open.append((folder.layer, descriptor))
            if mode == .merged, try ExtendedAttributes.isOpaque(descriptor) { break }
        }
        guard let top = open.first else { return }
        try appendFolder(child, path: path, descriptor: top.descriptor)
        try list(open, prefix: path + [47])
    }

    private mutating func appendFolder(_ child: Child, path: [UInt8], descriptor: Int32) throws {
        var entry = Self.entry(path, .folder, child.status)
        entry.modified = min(max(0, entry.modified), clampTime)
        try ExtendedAttributes.refuseRedirect(descriptor, path: path)
        entry.attributes = try ExtendedAttributes.kept(descriptor)
        if clampsFolder { try setTime(entry.modified, of: ".", at: descriptor, child.status) }
        items.append(Item(entry: entry, layer: child.layer))
        if mode == .layer, try ExtendedAttributes.isOpaque(descriptor) {
            items.append(
                Item(entry: .init(path: path + Whiteout.opaqueSuffix, kind: .regular, permissions: 0), layer: 0))
        }
    }

    private mutating func append(_ child: Child, path: [UInt8], parent: Int32) throws {
        let status = child.status
        if Whiteout.isWhiteout(status) {
            items.append(Item(entry: .init(path: path, kind: .regular, permissions: 0), layer: child.layer))
            return
        }
        guard let kind = Self.kind(status) else { return }  // a socket is not content
        var entry = Self.entry(path, kind, status)
        entry.modified = min(max(0, entry.modified), clampTime)
        if clampsFolder {
            try withName(child.name) { try setTime(entry.modified, of: $0, at: parent, status) }
        }
        if kind == .symbolicLink { entry.link = try target(of: child.name, at: parent, size: Int(status.st_size)) }
        if status.st_nlink > 1 {
            let inode = Inode(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
            if let first = inodes[inode] {
                (entry.kind, entry.link, entry.size) = (.hardLink, first, 0)
            } else {
                inodes[inode] = path
            }
        }
        items.append(Item(entry: entry, layer: child.layer))
    }

    /// The names seen in a folder of the stack: of each the topmost layer's, sorted.
    private func children(of stack: [(layer: Int, descriptor: Int32)], prefix: [UInt8]) throws -> [Child] {
        var result: [Child] = []
        var seen: Set<[UInt8]> = []
        for folder in stack {
            for name in try FolderNames.read(folder.descriptor) where stack.count == 1 || seen.insert(name).inserted {
                var status = stat()
                guard withName(name, { fstatat(folder.descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
                    throw Errno(rawValue: errno)
                }
                let isWhiteout = Whiteout.isWhiteout(status)
                if isWhiteout, mode == .merged { continue }
                if mode == .layer, name.starts(with: Whiteout.prefix) {
                    throw RucheError(
                        .invalidInput,
                        "a layer can't hold \"\(String(decoding: prefix + name, as: UTF8.self))\": names that start with \".wh.\" mark removed files"
                    )
                }
                let shown = isWhiteout ? Whiteout.prefix + name : name
                result.append(Child(name: shown, layer: folder.layer, status: status))
            }
        }
        return result.sorted { Self.precedes($0.name, $1.name) }
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let order = left.withUnsafeBytes { a in
            right.withUnsafeBytes { b in
                guard let a = a.baseAddress, let b = b.baseAddress else { return Int32(0) }
                return memcmp(a, b, min(left.count, right.count))
            }
        }
        return order == 0 ? left.count < right.count : order < 0
    }

    private static func kind(_ status: stat) -> ArchiveEntry.Kind? {
        switch status.st_mode & S_IFMT {
        case S_IFREG: .regular
        case S_IFLNK: .symbolicLink
        case S_IFCHR: .characterDevice
        case S_IFBLK: .blockDevice
        case S_IFIFO: .fifo
        default: nil
        }
    }

    private static func entry(_ path: [UInt8], _ kind: ArchiveEntry.Kind, _ status: stat) -> ArchiveEntry {
        var entry = ArchiveEntry(
            path: path, kind: kind, permissions: status.st_mode & 0o7777,
            size: kind == .regular ? Int64(status.st_size) : 0, modified: Int64(status.st_mtim.tv_sec))
        (entry.uid, entry.gid) = (status.st_uid, status.st_gid)
        if kind == .characterDevice || kind == .blockDevice {
            (entry.deviceMajor, entry.deviceMinor) = DeviceNumber.parts(UInt64(status.st_rdev))
        }
        return entry
    }

    private func target(of name: [UInt8], at parent: Int32, size: Int) throws -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: max(size, 4095) + 1)
        let capacity = buffer.count
        let count = withName(name) { name in
            readlinkat(parent, name, &buffer, capacity)
        }
        guard count >= 0 else { throw Errno(rawValue: errno) }
        return buffer[..<count].map { UInt8(bitPattern: $0) }
    }

    private func setTime(_ seconds: Int64, of name: UnsafePointer<CChar>, at parent: Int32, _ status: stat) throws {
        if status.st_mtim.tv_nsec == 0, status.st_mtim.tv_sec == Int(seconds) { return }
        let times = [timespec(tv_sec: 0, tv_nsec: TimeField.omit), timespec(tv_sec: Int(seconds), tv_nsec: 0)]
        guard utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) == 0 else { throw Errno(rawValue: errno) }
    }
}

/// Calls `body` with a name as a C string.
func withName<Result>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
    try withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) { buffer in
        for index in 0..<name.count { buffer[index] = CChar(bitPattern: name[index]) }
        buffer[name.count] = 0
        return try body(UnsafePointer(buffer.baseAddress.unsafelyUnwrapped))
    }
}
