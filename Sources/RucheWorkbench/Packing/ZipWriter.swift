import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Writes zip archives whose bytes depend on nothing but their contents: names sorted, nothing compressed (what is large
/// in a package is compressed already), every time 1980-01-01, permissions 0644 (APPNOTE 6.3.10, zip64 where needed).
enum ZipWriter {
    enum Content: Sendable {
        case bytes([UInt8])
        case file(FilePath)
    }

    private struct Member {
        var name: [UInt8]
        var checksum: UInt32
        var size: UInt64
        var offset: UInt64
    }

    private static let none32 = UInt32.max

    static func write(_ contents: [String: Content], to target: FilePath) throws {
        let file = try FileDescriptor.open(
            target, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        try file.closeAfter {
            var offset: UInt64 = 0
            var members: [Member] = []
            for (name, content) in contents.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                var member = Member(name: Array(name.utf8), checksum: 0, size: 0, offset: offset)
                var checksum = Checksum()
                try read(content) { bytes in
                    checksum.add(bytes)
                    member.size += UInt64(bytes.count)
                }
                member.checksum = checksum.value
                let header = local(member)
                try file.writeAll(header)
                var written: UInt64 = 0
                try read(content) { bytes in
                    written += UInt64(bytes.count)
                    _ = try file.writeAll(bytes)
                }
                guard written == member.size else {
                    throw RucheError(.conflict, "\(name) changed while it was packed; pack again")
                }
                offset += UInt64(header.count) + member.size
                members.append(member)
            }
            let directory = members.flatMap(central)
            try file.writeAll(directory + end(members.count, UInt64(directory.count), at: offset))
        }
    }

    private static func read(_ content: Content, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        switch content {
        case .bytes(let bytes): try bytes.withUnsafeBytes { try body($0) }
        case .file(let path):
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
            try file.closeAfter {
                var buffer = [UInt8](repeating: 0, count: 1 << 20)
                while true {
                    let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                    if count == 0 { return }
                    try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                }
            }
        }
    }

    private static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func words(_ values: [UInt16]) -> [UInt8] { values.flatMap { little($0) } }
    private static func longs(_ values: [UInt32]) -> [UInt8] { values.flatMap { little($0) } }
    private static func sizes(_ values: [UInt64]) -> [UInt8] { values.flatMap { little($0) } }

    /// Version 4.5 (zip64) where it is needed, UTF-8 names, stored, 1980-01-01 00:00.
    private static func common(_ isLarge: Bool) -> [UInt8] {
        words([isLarge ? 45 : 20, 0x0800, 0, 0, 0x0021])
    }

    private static func local(_ member: Member) -> [UInt8] {
        let isLarge = member.size >= UInt64(none32)
        let size = isLarge ? none32 : UInt32(member.size)
        let extra = isLarge ? words([1, 16]) + sizes([member.size, member.size]) : []
        var result = longs([0x0403_4b50])
        result += common(isLarge)
        result += longs([member.checksum, size, size])
        result += words([UInt16(member.name.count), UInt16(extra.count)])
        result += member.name
        result += extra
        return result
    }

    private static func central(_ member: Member) -> [UInt8] {
        let isLarge = member.size >= UInt64(none32) || member.offset >= UInt64(none32)
        let size = isLarge ? none32 : UInt32(member.size)
        let offset = isLarge ? none32 : UInt32(member.offset)
        let extra = isLarge ? words([1, 24]) + sizes([member.size, member.size, member.offset]) : []
        var result = longs([0x0201_4b50])
        // Made on Unix, so that the upper half of the attributes is a mode.
        result += words([madeOnUnix])
        result += common(isLarge)
        result += longs([member.checksum, size, size])
        result += words([UInt16(member.name.count), UInt16(extra.count), 0, 0, 0])
        result += longs([0o100644 << 16, offset])
        result += member.name
        result += extra
        return result
    }

    private static let madeOnUnix: UInt16 = 0x032d

    private static func end(_ count: Int, _ size: UInt64, at offset: UInt64) -> [UInt8] {
        var result: [UInt8] = []
        let isLarge = offset >= UInt64(none32)
        if isLarge {
            result += longs([0x0606_4b50]) + sizes([44]) + words([madeOnUnix, 45]) + longs([0, 0])
            result += sizes([UInt64(count), UInt64(count), size, offset])
            result += longs([0x0706_4b50, 0]) + sizes([offset + size]) + longs([1])
        }
        result += longs([0x0605_4b50]) + words([0, 0, UInt16(count), UInt16(count)])
        result += longs([UInt32(size), isLarge ? none32 : UInt32(offset)]) + words([0])
        return result
    }

    /// CRC-32 as zip has it (ISO 3309).
    private struct Checksum {
        private static let table: [UInt32] = (0..<256).map { index in
            (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        private var state = UInt32.max
        var value: UInt32 { ~state }

        mutating func add(_ bytes: UnsafeRawBufferPointer) {
            var state = self.state
            Self.table.withUnsafeBufferPointer { table in
                for byte in bytes { state = table[Int((state ^ UInt32(byte)) & 0xFF)] ^ state >> 8 }
            }
            self.state = state
        }
    }
}
