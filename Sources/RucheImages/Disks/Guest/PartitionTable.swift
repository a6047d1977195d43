import RucheCore
import RucheHost
import SystemPackage

/// Where the file systems of a disk are: its GPT or its MBR, read as what a stranger wrote.
struct PartitionTable {
    struct Partition: Hashable {
        /// Counted from 1, as Linux does.
        var number: Int
        var start: Int64
        var size: Int64
        /// Whether firmware starts from it: an EFI system partition.
        var isSystem = false
    }

    /// `C12A7328-F81F-11D2-BA4B-00A0C93EC93B` as it is on a disk.
    private static let systemType: [UInt8] = [
        0x28, 0x73, 0x2A, 0xC1, 0x1F, 0xF8, 0xD2, 0x11, 0xBA, 0x4B, 0x00, 0xA0, 0xC9, 0x3E, 0xC9, 0x3B,
    ]

    private static let sector: Int64 = 512
    private static let mostEntries = 128

    /// `gpt`, `mbr`, or nil where the disk has none.
    let kind: String?
    /// In the order of the table; the whole disk as one where there is no table.
    let partitions: [Partition]

    /// Throws `corrupt_content` when a partition goes beyond the disk's end, which is what is left of one that was cut
    /// off.
    init(_ file: FileDescriptor, length: Int64) throws {
        let head = try file.bytes(from: 0, to: 1024)
        if head.dropFirst(512).starts(with: "EFI PART".utf8) {
            kind = "gpt"
            partitions = try Self.gpt(Array(head.dropFirst(512)), file, length)
        } else if head.little(510, UInt16.self) == 0xAA55, case let found = try Self.mbr(head, file), !found.isEmpty {
            kind = "mbr"
            partitions = found
        } else {
            kind = nil
            partitions = [Partition(number: 0, start: 0, size: length)]
        }
        for partition in partitions where partition.start > length - partition.size {
            throw RucheError(
                .corruptContent,
                "partition \(partition.number) of the disk ends after the disk's own end: the image was cut off")
        }
    }

    /// UEFI specification, 5.3.
    private static func gpt(_ head: [UInt8], _ file: FileDescriptor, _ length: Int64) throws -> [Partition] {
        guard let place = head.little(72, UInt64.self), let count = head.little(80, UInt32.self),
            let size = head.little(84, UInt32.self), size >= 128, size <= 4096, place < UInt64(length / sector)
        else { throw RucheError(.corruptContent, "the disk's table of partitions (GPT) can't be read") }
        var result: [Partition] = []
        for index in 0..<min(Int(count), mostEntries) {
            let start = Int64(place) * sector + Int64(index) * Int64(size)
            let entry = try file.bytes(from: start, to: start + Int64(size))
            guard let first = entry.little(32, UInt64.self), let last = entry.little(40, UInt64.self) else { break }
            guard entry.prefix(16).contains(where: { $0 != 0 }) else { continue }
            var found = try partition(index + 1, first, last &- first &+ 1)
            found.isSystem = entry.prefix(16).elementsEqual(systemType)
            result.append(found)
        }
        return result
    }

    /// Four entries, and those of the extended partition, each of which names the next.
    private static func mbr(_ head: [UInt8], _ file: FileDescriptor) throws -> [Partition] {
        var result: [Partition] = []
        for index in 0..<4 {
            let entry = Entry(head, index)
            guard entry.size > 0, entry.type != 0 else { continue }
            guard entry.isExtended else {
                var found = try partition(index + 1, entry.start, entry.size)
                found.isSystem = entry.type == 0xEF
                result.append(found)
                continue
            }
            var (place, number) = (entry.start, 5)
            while number < 5 + 60 {
                let table = try file.bytes(from: Int64(place) * sector, to: Int64(place) * sector + sector)
                guard table.little(510, UInt16.self) == 0xAA55 else { break }
                let (logical, next) = (Entry(table, 0), Entry(table, 1))
                if logical.size > 0, logical.type != 0 {
                    result.append(try partition(number, place + logical.start, logical.size))
                }
                guard next.isExtended, next.start > 0 else { break }
                place = entry.start + next.start
                number += 1
            }
        }
        return result
    }

    private static func partition(_ number: Int, _ start: UInt64, _ count: UInt64) throws -> Partition {
        guard start > 0, count > 0, start < UInt64(1) << 54, count < UInt64(1) << 54 else {
            throw RucheError(.corruptContent, "partition \(number) of the disk has an impossible place")
        }
        return Partition(number: number, start: Int64(start) * sector, size: Int64(count) * sector)
    }

    private struct Entry {
        let type: UInt8
        let start: UInt64
        let size: UInt64

        init(_ table: [UInt8], _ index: Int) {
            let offset = 446 + 16 * index
            type = table.little(offset + 4, UInt8.self) ?? 0
            start = UInt64(table.little(offset + 8, UInt32.self) ?? 0)
            size = UInt64(table.little(offset + 12, UInt32.self) ?? 0)
        }

        var isExtended: Bool { [0x05, 0x0F, 0x85].contains(type) }
    }
}
