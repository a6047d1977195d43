import CExt2fs
import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// An ext2, ext3 or ext4 file system within a raw disk, read without mounting it. Nothing of it is believed: what is
/// read is bounded, and what can't be read is not there.
final class GuestFileSystem {
    private static let mostEntries = 100_000
    private let system: ext2_filsys
    private let budget = ReadBudget()

    /// Nil when there is none, or it can't be read. `size` is its partition's.
    init?(_ disk: FilePath, offset: Int64, size: Int64) {
        guard Self.isHonest(disk, offset, size) else { return nil }
        var system: ext2_filsys?
        let code = ext2fs_open2(
            disk.string, "offset=\(offset)", EXT2_FLAG_64BITS, 0, 0, ruche_unix_io_manager(), &system)
        guard code == 0, let system else { return nil }
        self.system = system
        budget.bind(system.pointee.io)
    }

    deinit {
        var system: ext2_filsys? = system
        ext2fs_close_free(&system)
    }

    /// Whether the superblock is one, and claims no more blocks than there are: the library makes room for what it says.
    private static func isHonest(_ disk: FilePath, _ offset: Int64, _ size: Int64) -> Bool {
        guard let file = try? FileDescriptor.open(disk, .readOnly, options: [.closeOnExec]) else { return false }
        defer { try? file.close() }  // only read from
        guard let block = try? file.bytes(from: offset + 1024, to: offset + 2048),
            block.little(56, UInt16.self) == 0xEF53, let low = block.little(4, UInt32.self),
            let high = block.little(336, UInt32.self), let shift = block.little(24, UInt32.self), shift <= 6,
            let features = block.little(96, UInt32.self)
        else { return false }
        let count = UInt64(low) | (features & 0x80 != 0 ? UInt64(high) << 32 : 0)
        return count <= UInt64(max(0, size)) >> (10 + UInt64(shift))
    }

    struct File {
        var bytes: [UInt8]
        /// Seconds since 1970.
        var modified: Int64
    }

    /// A regular file by its absolute path, with links followed; nil when there is none, it can't be read, or it is over
    /// `limit` bytes. With `onlyHead` the first `limit` bytes of a longer one.
    func read(_ path: String, limit: Int, onlyHead: Bool = false) -> File? {
        guard let (number, inode) = find(path), inode.i_mode & 0xF000 == 0x8000 else { return nil }
        var file: ext2_file_t?
        guard ext2fs_file_open(system, number, 0, &file) == 0, let file else { return nil }
        defer { ext2fs_file_close(file) }
        var size: UInt64 = 0
        guard ext2fs_file_get_lsize(file, &size) == 0, onlyHead || size <= UInt64(limit) else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(min(size, UInt64(limit))))
        var count = 0
        while count < bytes.count {
            var got: UInt32 = 0
            let code = bytes.withUnsafeMutableBytes { buffer in
                ext2fs_file_read(
                    file, buffer.baseAddress?.advanced(by: count), UInt32(min(1 << 20, buffer.count - count)), &got)
            }
            guard code == 0 else { return nil }
            guard got > 0 else { break }
            count += Int(got)
        }
        return File(bytes: Array(bytes.prefix(count)), modified: Int64(inode.i_mtime))
    }

    func isFolder(_ path: String) -> Bool { find(path).map { $0.inode.i_mode & 0xF000 == 0x4000 } ?? false }

    /// The names in a folder, sorted; none where there is no such folder. Of a very large one only some.
    func names(in path: String) -> [String] {
        guard let (number, inode) = find(path), inode.i_mode & 0xF000 == 0x4000 else { return [] }
        let found = Names()
        _ = ext2fs_dir_iterate(
            system, number, DIRENT_FLAG_INCLUDE_EMPTY, nil,
            { entry, _, _, _, context in
                guard let entry, let context else { return DIRENT_ABORT }
                let names = Unmanaged<Names>.fromOpaque(context).takeUnretainedValue()
                names.seen += 1
                guard names.seen < GuestFileSystem.mostEntries else { return DIRENT_ABORT }
                guard entry.pointee.inode != 0 else { return 0 }
                // The name begins after the inode, the length of the record and its own length.
                let bytes = UnsafeRawBufferPointer(
                    start: UnsafeRawPointer(entry).advanced(by: 8), count: Int(entry.pointee.name_len & 0xFF))
                names.list.append(String(decoding: bytes, as: UTF8.self))
                return 0
            }, Unmanaged.passUnretained(found).toOpaque())
        return found.list.filter { $0 != "." && $0 != ".." }.sorted()
    }

    private final class Names {
        var list: [String] = []
        var seen = 0
    }

    private func find(_ path: String) -> (number: UInt32, inode: ext2_inode)? {
        var number: UInt32 = 0
        guard ext2fs_namei_follow(system, UInt32(EXT2_ROOT_INO), UInt32(EXT2_ROOT_INO), path, &number) == 0 else {
            return nil
        }
        var inode = ext2_inode()
        return ext2fs_read_inode(system, number, &inode) == 0 ? (number, inode) : nil
    }
}
