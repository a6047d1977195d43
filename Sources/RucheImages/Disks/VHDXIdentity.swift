import RucheCore
import RucheHost
import SystemPackage

/// The identifiers of a VHDX image (MS-VHDX, version 8.0): two headers with checksums, the page-83 data, and the log of
/// what was written, which a closed image no longer needs.
struct VHDXIdentity {
    let file: FileDescriptor
    /// Gives sixteen bytes for a name.
    let bytes: (String) -> [UInt8]

    private static let headers: [Int64] = [64 << 10, 128 << 10]
    private static let regions: Int64 = 192 << 10
    private static let metadataRegion: [UInt8] = [
        0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e,
    ]
    private static let page83: [UInt8] = [
        0xab, 0x12, 0xca, 0xbe, 0xe6, 0xb2, 0x23, 0x45, 0x93, 0xef, 0xc3, 0x09, 0xe0, 0x00, 0xc7, 0x46,
    ]

    func set() throws {
        let numbers = try Self.headers.map { Self.number(try file.bytes(from: $0 + 8, to: $0 + 16), 0, 8) }
        for (index, offset) in Self.headers.enumerated() {
            // The header with the higher number is the one that counts.
            try setHeader(at: offset, number: numbers[index] < numbers[1 - index] ? 1 : 2)
        }
        try setPage83()
    }

    /// Section 2.2.2: checksum at 4, sequence number at 8, identifiers of the file and its data at 16 and 32, of the log
    /// at 48, and the log's length and place at 68 and 72.
    private func setHeader(at offset: Int64, number: UInt8) throws {
        var header = try file.bytes(from: offset, to: offset + 4096)
        guard header.count == 4096, header.starts(with: Array("head".utf8)) else { throw Self.unknown }
        header.replaceSubrange(8..<16, with: [number] + [UInt8](repeating: 0, count: 7))
        guard header[48..<64].allSatisfy({ $0 == 0 }) else {
            throw RucheError(.buildFailed, "the vhdx image was not closed")
        }
        let length = Int(Self.number(header, 68, 4))
        guard length <= 16 << 20 else { throw Self.unknown }
        try file.writeAll(toAbsoluteOffset: Int64(Self.number(header, 72, 8)), [UInt8](repeating: 0, count: length))
        header.replaceSubrange(16..<48, with: bytes("vhdx file") + bytes("vhdx data"))
        header.replaceSubrange(4..<8, with: [0, 0, 0, 0])
        let sum = CRC32C.checksum(header)
        header.replaceSubrange(4..<8, with: (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * UInt32($0))) })
        try file.writeAll(toAbsoluteOffset: offset, header)
    }

    /// Sections 2.2.3 and 2.6: regions from byte 16 on in 32 bytes each, metadata items the same.
    private func setPage83() throws {
        let regions = try file.bytes(from: Self.regions, to: Self.regions + (64 << 10))
        guard let region = Self.entry(Self.metadataRegion, in: regions, from: 16) else { throw Self.unknown }
        let start = Int64(Self.number(regions, region + 16, 8))
        let table = try file.bytes(from: start, to: start + (64 << 10))
        guard let item = Self.entry(Self.page83, in: table, from: 32) else { throw Self.unknown }
        try file.writeAll(toAbsoluteOffset: start + Int64(Self.number(table, item + 16, 4)), bytes("vhdx page 83"))
    }

    private static func entry(_ name: [UInt8], in table: [UInt8], from start: Int) -> Int? {
        stride(from: start, to: min(table.count - 32, start + 32 * 64), by: 32).first {
            table[$0...].starts(with: name)
        }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        guard bytes.count >= offset + count else { return 0 }
        return (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
    }

    private static var unknown: RucheError { RucheError(.buildFailed, "the vhdx image is not as it is known to be") }
}
