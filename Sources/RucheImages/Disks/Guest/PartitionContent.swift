import RucheHost
import SystemPackage

/// What a partition holds, by the mark that each kind has at its place.
struct PartitionContent {
    private static let marks: [(offset: Int64, bytes: [UInt8], name: String)] = [
        (0, Array("LUKS".utf8) + [0xBA, 0xBE], "encrypted (LUKS)"),
        (512, Array("LABELONE".utf8), "part of a volume group (LVM)"),
        (0, Array("XFSB".utf8), "XFS"),
        (3, Array("NTFS    ".utf8), "NTFS"),
        (3, Array("-FVE-FS-".utf8), "encrypted (BitLocker)"),
        (0x10040, Array("_BHRfS_M".utf8), "Btrfs"),
        (0x20, Array("NXSB".utf8), "APFS"),
        (1024, Array("H+".utf8), "HFS+"),
        (0, Array("hsqs".utf8), "squashfs"),
    ]

    /// A name for people.
    let name: String
    /// Why nothing of it is read; nil for what is, for swap, and for what boot loaders use.
    let unreadable: String?

    init(_ file: FileDescriptor, at start: Int64) throws {
        for mark in Self.marks {
            let place = start + mark.offset
            if try file.bytes(from: place, to: place + Int64(mark.bytes.count)) == mark.bytes {
                name = mark.name
                unreadable = "what is in it is not read"
                return
            }
        }
        name = "unknown"
        unreadable = nil
    }
}
