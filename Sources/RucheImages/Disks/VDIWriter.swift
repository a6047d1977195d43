import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Writes a disk as VirtualBox keeps those that grow (VDI 1.1, `VDICore.h`), from its start to its end: so its digest is
/// there when it is written, and the file need not be read again. A disk that keeps no zeros, as ours, becomes the same
/// bytes as by qemu-img.
struct VDIWriter {
    private static let headerSize = 512
    private static let mark = "<<< QEMU VM Virtual Disk Image >>>\n"
    /// What stands in the map for a block without data.
    private static let absent = UInt32.max
    /// Bytes after which the disk is set to work.
    private static let stretch: Int64 = 32 << 20

    let disk: QCOW2Disk
    /// Of the image and of its last change, 32 bytes.
    let identifiers: [UInt8]

    /// Writes it, also to the disk. `file` is empty, and the caller's to close.
    func write(
        to file: FileDescriptor, onProgress: (@Sendable (Double) -> Void)? = nil
    ) async throws -> StoredBlob {
        let blocks = try disk.blocks()
        var hasher = StreamHasher()
        var size: Int64 = 0
        func put(_ bytes: [UInt8]) throws {
            try file.writeAll(bytes)
            hasher.update(bytes)
            size += Int64(bytes.count)
            if size % Self.stretch < bytes.count { DurableTree.startWriting(file) }
        }
        try put(head(blocks))
        var ready = try blocks.first.map(disk.read) ?? []
        for index in blocks.indices {
            try Task.checkCancellation()
            async let next = read(blocks.dropFirst(index + 1).first)
            try put(ready)
            onProgress?(Double(index) / Double(blocks.count))
            ready = try await next
        }
        try file.sync()
        return StoredBlob(digest: hasher.finish(), size: ByteCount(size))
    }

    /// Beside the writing of the block before.
    @concurrent private func read(_ block: QCOW2Disk.Block?) async throws -> [UInt8] {
        try block.map(disk.read) ?? []
    }

    /// The header and the map of blocks, which is as long as sectors are.
    private func head(_ blocks: [QCOW2Disk.Block]) -> [UInt8] {
        let blockSize = Int64(QCOW2Disk.blockSize)
        let count = Int((disk.capacity + blockSize - 1) / blockSize)
        var map = [UInt32](repeating: Self.absent, count: count)
        for (place, block) in blocks.enumerated() { map[block.index] = UInt32(place) }
        let mapSize = (count * 4 + 511) / 512 * 512
        var head = [UInt8](repeating: 0, count: Self.headerSize + mapSize)
        func put(_ bytes: [UInt8], at offset: Int) {
            head.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
        func put(_ numbers: UInt32..., at offset: Int) { put(numbers.flatMap(Self.little), at: offset) }
        put(Array(Self.mark.utf8), at: 0)
        // The mark, the version, the size of what follows, and that blocks are added as they are written.
        put(0xbeda_107f, 0x0001_0001, 0x180, 1, at: 64)
        // Where the map is, and where the blocks are; then, after the geometry that nobody has, bytes of a sector.
        put(UInt32(Self.headerSize), UInt32(Self.headerSize + mapSize), at: 340)
        put(512, at: 360)
        put(Self.little(UInt64(disk.capacity)), at: 368)
        put(UInt32(blockSize), 0, UInt32(count), UInt32(blocks.count), at: 376)
        put(identifiers, at: 392)
        put(map.flatMap(Self.little), at: Self.headerSize)
        return head
    }

    private static func little(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
