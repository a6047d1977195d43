import CExt2fs
import Glibc
import RucheCore
import SystemPackage

/// Copies bytes into files of an ext4 file system. Blocks of zeros take no room.
struct Ext4FileContent {
    private static let chunk = 1 << 20
    private static let block = 4096
    private let files: Ext4FileSystem

    init(_ files: Ext4FileSystem) { self.files = files }

    func copy(_ source: Int32, to number: ext2_ino_t, size: Int64, name: String) throws {
        guard size > 0 else { return }
        var opened: ext2_file_t?
        try Ext4FileSystem.check(ext2fs_file_open2(files.system, number, nil, EXT2_FILE_WRITE, &opened), "write")
        guard let file = opened else { return }
        do {
            try withUnsafeTemporaryAllocation(byteCount: Self.chunk, alignment: 16) { buffer in
                try copy(source, to: file, size: size, name: name, through: buffer)
            }
        } catch {
            _ = ext2fs_file_close(file)  // the error above is the one to report
            throw error
        }
        try Ext4FileSystem.check(ext2fs_file_close(file), "write")
    }

    private func copy(
        _ source: Int32, to file: ext2_file_t, size: Int64, name: String, through buffer: UnsafeMutableRawBufferPointer
    ) throws {
        var done: Int64 = 0
        while done < size {
            let wanted = Int(min(Int64(buffer.count), size - done))
            var count = 0
            while count < wanted {
                let got = Glibc.read(source, buffer.baseAddress.unsafelyUnwrapped + count, wanted - count)
                if got < 0, errno == EINTR { continue }
                guard got >= 0 else { throw Errno(rawValue: errno) }
                guard got > 0 else {
                    throw RucheError(.conflict, "\"\(name)\" became shorter while it was read")
                }
                count += got
            }
            try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: done, to: file)
            done += Int64(count)
        }
    }

    /// Writes the runs of blocks that are not all zero.
    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64, to file: ext2_file_t) throws {
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, !isZero(bytes, at: end) { end = min(bytes.count, end + Self.block) }
            if end > start {
                try Ext4FileSystem.check(
                    ext2fs_file_llseek(file, UInt64(offset) + UInt64(start), EXT2_SEEK_SET, nil), "write")
                try put(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), to: file)
            }
            start = end
            while start < bytes.count, isZero(bytes, at: start) { start = min(bytes.count, start + Self.block) }
        }
    }

    private func put(_ bytes: UnsafeRawBufferPointer, to file: ext2_file_t) throws {
        var done = 0
        while done < bytes.count {
            var written: UInt32 = 0
            try Ext4FileSystem.check(
                ext2fs_file_write(
                    file, bytes.baseAddress.unsafelyUnwrapped + done, UInt32(bytes.count - done), &written), "write")
            guard written > 0 else { throw Errno.ioError }
            done += Int(written)
        }
    }

    private func isZero(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Bool {
        let part = UnsafeRawBufferPointer(rebasing: bytes[start..<min(bytes.count, start + Self.block)])
        guard let first = part.first, first == 0, let base = part.baseAddress else { return false }
        return part.count == 1 || memcmp(base, base + 1, part.count - 1) == 0
    }
}
