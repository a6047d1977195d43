import CZstd
import RucheCore
import RucheHost
import SystemPackage

/// A disk in the form that this program keeps: one qcow2 file of version 3 with clusters of 64 KiB, compressed with
/// zstd or not compressed (QEMU, docs/interop/qcow2.txt). Several threads may read it at once.
struct QCOW2Disk: Sendable {
    /// A part of the disk that has data.
    struct Block: Sendable {
        /// Its number from the start of the disk.
        let index: Int
        /// Of its clusters, from the second table.
        fileprivate let entries: ArraySlice<UInt64>
    }

    static let blockSize = 1 << 20
    private static let clusterBits: UInt64 = 16
    private static let clusterSize = 1 << clusterBits
    /// Bytes of a disk whose tables are small enough to be kept: 128 MiB at most.
    private static let mostCapacity: UInt64 = 1 << 40

    /// Bytes of the disk as a guest sees it.
    let capacity: Int64
    private let file: FileDescriptor
    private let firstTable: [UInt64]

    /// Bits 9 to 55 of an entry: the place of a table or of a cluster that is not compressed.
    private static let offset: UInt64 = 0x00ff_ffff_ffff_fe00
    private static let compressed: UInt64 = 1 << 62
    /// Of a cluster that reads as zeros, whatever is in its place.
    private static let empty: UInt64 = 1
    /// What a frame begins with (RFC 8878, section 3.1.1). The library reads those of old forms too.
    private static let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]

    /// Nil for a disk of another form, which qemu-img has to read. `file` stays the caller's, open while this is used.
    init?(_ file: FileDescriptor) throws {
        let head = try Self.bytes(of: file, from: 0, to: 112)
        guard head.starts(with: [0x51, 0x46, 0x49, 0xfb]), head.big(4, UInt32.self) == 3,
            head.big(8, UInt64.self) == 0, head.big(20, UInt32.self) == UInt32(Self.clusterBits),
            let capacity = head.big(24, UInt64.self), capacity <= Self.mostCapacity, capacity % 512 == 0,
            head.big(32, UInt32.self) == 0, let place = head.big(40, UInt64.self), Self.isPlace(place),
            // The one feature: another compression than by zlib, whose kind is in another field.
            head.big(72, UInt64.self) == 1 << 3, head.big(104, UInt8.self) == 1
        else { return nil }
        (self.file, self.capacity) = (file, Int64(capacity))
        let reach = UInt64(Self.clusterSize * Self.clusterSize / 8)
        let count = Int((capacity + reach - 1) / reach)
        guard let length = head.big(36, UInt32.self), length >= count else { return nil }
        firstTable = try Self.entries(file, at: Int64(place), bytes: count * 8)
    }

    /// Those that have data, in the order of the disk. The last one may go on past its end.
    func blocks() throws -> [Block] {
        let (perTable, perBlock) = (Self.clusterSize / 8, Self.blockSize / Self.clusterSize)
        let count = Int((capacity + Int64(Self.clusterSize) - 1) / Int64(Self.clusterSize))
        var blocks: [Block] = []
        for (index, entry) in firstTable.enumerated() where entry & Self.offset != 0 {
            guard Self.isPlace(entry & Self.offset) else { throw damage(Int64(entry & Self.offset)) }
            var entries = try Self.entries(file, at: Int64(entry & Self.offset), bytes: Self.clusterSize)
            // Of the last table some may be past the end.
            for place in entries.indices.dropFirst(count - index * perTable) { entries[place] = 0 }
            for start in stride(from: 0, to: perTable, by: perBlock) {
                let part = entries[start..<(start + perBlock)]
                guard part.contains(where: Self.hasData) else { continue }
                blocks.append(Block(index: (index * perTable + start) / perBlock, entries: part))
            }
        }
        return blocks
    }

    /// The data of a block. Throws `corrupt_content` for a damaged one.
    func read(_ block: Block) throws -> [UInt8] {
        guard let context = ZSTD_createDCtx() else { throw Errno.noMemory }
        defer { ZSTD_freeDCtx(context) }
        return try [UInt8](unsafeUninitializedCapacity: Self.blockSize) { buffer, count in
            for entry in block.entries {
                let cluster = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[count..<(count + Self.clusterSize)])
                if Self.hasData(entry) {
                    try read(entry, into: cluster, context)
                } else {
                    cluster.initializeMemory(as: UInt8.self, repeating: 0)
                }
                count += Self.clusterSize
            }
        }
    }

    private static func hasData(_ entry: UInt64) -> Bool {
        entry & compressed != 0 || (entry & empty == 0 && entry & offset != 0)
    }

    private func read(_ entry: UInt64, into cluster: UnsafeMutableRawBufferPointer, _ context: OpaquePointer) throws {
        guard entry & Self.compressed == 0 else { return try decompress(entry, into: cluster, context) }
        let place = entry & Self.offset
        let bytes = try Self.bytes(of: file, from: Int64(place), to: Int64(place) + Int64(cluster.count))
        guard Self.isPlace(place), !bytes.isEmpty else { throw damage(Int64(place)) }
        // The file may end in its last cluster.
        cluster.copyBytes(from: bytes + [UInt8](repeating: 0, count: cluster.count - bytes.count))
    }

    private func decompress(
        _ entry: UInt64, into cluster: UnsafeMutableRawBufferPointer, _ context: OpaquePointer
    ) throws {
        // The place has as many bits as are left of 62 by a number of sectors after the first.
        let width = 62 - (Self.clusterBits - 8)
        let place = Int64(entry & (1 << width - 1))
        let sectors = Int64((entry & (Self.compressed - 1)) >> width)
        var source = try Self.bytes(of: file, from: place, to: (place & ~511) + (sectors + 1) * 512)[...]
        var rest = cluster[...]
        // Mostly one frame; in the last sector behind it the next cluster begins.
        while !rest.isEmpty {
            guard source.starts(with: Self.frame) else { throw damage(place) }
            let (length, size) = source.withUnsafeBytes { bytes in
                let length = ZSTD_findFrameCompressedSize(bytes.baseAddress, bytes.count)
                guard ZSTD_isError(length) == 0 else { return (length, length) }
                let target = UnsafeMutableRawBufferPointer(rebasing: rest)
                return (
                    length, ZSTD_decompressDCtx(context, target.baseAddress, target.count, bytes.baseAddress, length)
                )
            }
            guard ZSTD_isError(size) == 0 else { throw damage(place) }
            source = source.dropFirst(length)
            rest = rest.dropFirst(size)
        }
    }

    /// Where clusters and tables may be.
    private static func isPlace(_ offset: UInt64) -> Bool { offset < 1 << 56 && offset % UInt64(clusterSize) == 0 }

    private static func entries(_ file: FileDescriptor, at place: Int64, bytes: Int) throws -> [UInt64] {
        let table = try Self.bytes(of: file, from: place, to: place + Int64(bytes))
        guard table.count == bytes else {
            throw RucheError(.corruptContent, "the qcow2 image is cut off: a table at byte \(place) is missing")
        }
        return table.withUnsafeBytes { raw in
            (0..<(bytes / 8)).map { UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
        }
    }

    /// An error of the disk that is read, told from one of the file that is written meanwhile.
    private static func bytes(of file: FileDescriptor, from start: Int64, to end: Int64) throws -> [UInt8] {
        do { return try file.bytes(from: start, to: end) } catch let error as Errno {
            throw RucheError(.internalError, "can't read the qcow2 image at byte \(start): \(error)", cause: error)
        }
    }

    private func damage(_ place: Int64) -> RucheError {
        RucheError(.corruptContent, "the qcow2 image is damaged: no cluster can be read at byte \(place)")
    }
}
