import CExt2fs
import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// An ext4 file system inside a disk image, written through libext2fs: nothing is mounted, and no root is needed.
///
/// Equal calls give equal bytes: every time in it is the one it was opened with or an entry's own.
final class Ext4FileSystem {
    let system: ext2_filsys
    /// Seconds since 1970.
    let time: UInt32
    private var isOpen = true

    static let root = ext2_ino_t(EXT2_ROOT_INO)

    /// Opens what `mke2fs` made at `offset` bytes of `disk`.
    init(disk: FilePath, offset: Int64, time: Int64) throws {
        var opened: ext2_filsys?
        let flags = EXT2_FLAG_RW | EXT2_FLAG_64BITS
        try Self.check(
            ext2fs_open2(disk.string, "offset=\(offset)", flags, 0, 0, ruche_unix_io_manager(), &opened), "open")
        guard let opened else { throw RucheError(.internalError, "the file system can't be opened") }
        system = opened
        self.time = UInt32(clamping: max(1, time))
        system.pointee.now = time_t(self.time)
        do { try Self.check(ext2fs_read_bitmaps(system), "read") } catch {
            drop()
            throw error
        }
    }

    deinit { if isOpen { drop() } }

    /// Writes what is left to write, and closes.
    func close() throws {
        isOpen = false
        var handle: ext2_filsys? = system
        try Self.check(ext2fs_close_free(&handle), "write")
    }

    private func drop() {
        isOpen = false
        var handle: ext2_filsys? = system
        // Something failed before, and that is what is reported.
        system.pointee.flags &= ~(EXT2_FLAG_DIRTY | EXT2_FLAG_CHANGED)
        _ = ext2fs_close_free(&handle)
    }

    /// An inode that nothing uses yet, near the one of its folder.
    func reserve(in folder: ext2_ino_t, mode: UInt16) throws -> ext2_ino_t {
        var number: ext2_ino_t = 0
        try Self.check(ext2fs_new_inode(system, folder, Int32(mode), nil, &number), "write")
        return number
    }

    func read(_ number: ext2_ino_t) throws -> ext2_inode_large {
        var inode = ext2_inode_large()
        try withSmall(&inode) {
            try Self.check(ext2fs_read_inode_full(system, number, $0, Self.inodeBytes), "read")
        }
        return inode
    }

    func write(_ inode: inout ext2_inode_large, _ number: ext2_ino_t) throws {
        try withSmall(&inode) {
            try Self.check(ext2fs_write_inode_full(system, number, $0, Self.inodeBytes), "write")
        }
    }

    /// Gives a name to an inode; the folder grows when it is full.
    func link(_ number: ext2_ino_t, _ name: [UInt8], in folder: ext2_ino_t, type: Int32) throws {
        try growing(folder) { withName(name) { ext2fs_link(system, folder, $0, number, type) } }
    }

    /// Calls `body` again after `folder` grew, when that was too small.
    func growing(_ folder: ext2_ino_t, _ body: () -> errcode_t) throws {
        var result = body()
        if result == EXT2_ET_DIR_NO_SPACE {
            try Self.check(ext2fs_expand_dir(system, folder), "write")
            result = body()
        }
        try Self.check(result, "write")
    }

    /// The library's functions know inodes by their first 128 bytes.
    func withSmall<Result>(
        _ inode: inout ext2_inode_large, _ body: (UnsafeMutablePointer<ext2_inode>) throws -> Result
    ) rethrows -> Result {
        try withUnsafeMutablePointer(to: &inode) { pointer in
            try pointer.withMemoryRebound(to: ext2_inode.self, capacity: 1) { try body($0) }
        }
    }

    private static let inodeBytes = Int32(MemoryLayout<ext2_inode_large>.size)

    /// Throws what an error code of the library means.
    static func check(_ code: errcode_t, _ verb: String) throws {
        guard code != 0 else { return }
        if [EXT2_ET_BLOCK_ALLOC_FAIL, EXT2_ET_INODE_ALLOC_FAIL].contains(code) {
            throw RucheError(
                .invalidInput, "the disk is too small for what is in it: give a larger size as machine.disk")
        }
        // Numbers below the library's own are the system's.
        if code > 0, code < 4096 { throw Errno(rawValue: CInt(code)) }
        let text = error_message(code).map { String(cString: $0) } ?? "error \(code)"
        throw RucheError(
            .internalError, "the file system of the disk can't be \(verb == "read" ? "read" : "written"): \(text)")
    }
}
