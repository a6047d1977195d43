import RucheCore

/// Where the parts of a machine's disk are: a GUID partition table (UEFI 2.10, section 5.3) with a place for the boot
/// loader of machines with a BIOS, an EFI system partition, and the root, last so that it can grow.
struct DiskLayout: Hashable, Sendable {
    static let sector: Int64 = 512
    private static let mebibyte: Int64 = 1 << 20

    /// Bytes of the whole disk: a multiple of 1 MiB.
    let capacity: Int64
    /// What the identifiers are derived from: the same root has the same ones.
    let identity: Digest

    let loaderOffset = mebibyte
    let systemOffset = 2 * mebibyte
    /// Enough clusters of one sector for FAT32, which firmware must be able to read.
    let systemSize = 40 * mebibyte
    var rootOffset: Int64 { systemOffset + systemSize }
    /// The table's copy is at the end of the disk.
    var rootSize: Int64 { capacity - rootOffset - Self.mebibyte }

    /// Everything on the disk that is not the root.
    static let overhead = 43 * mebibyte

    /// An identifier for a part of the disk, in the form of RFC 9562, version 8.
    func uuid(_ part: String) -> String {
        var hex = Array(StreamHasher.digest(of: Array("\(part) \(identity.hex)".utf8)).hex.prefix(32))
        hex[12] = "8"
        hex[16] = "8"
        let text = String(hex)
        let ends = [8, 12, 16, 20, 32]
        var start = text.startIndex
        var parts: [Substring] = []
        for end in ends {
            let next = text.index(text.startIndex, offsetBy: end)
            parts.append(text[start..<next])
            start = next
        }
        return parts.joined(separator: "-")
    }

    /// What sfdisk(8) reads.
    var script: String {
        let types = [
            "loader": "21686148-6449-6E6F-744E-656564454649", "system": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
            // Linux root of this architecture, so that a machine finds it and grows it without being told.
            "root": "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
        ]
        func line(_ name: String, _ offset: Int64, _ size: Int64) -> String {
            "start=\(offset / Self.sector), size=\(size / Self.sector), type=\(types[name] ?? ""), "
                + "uuid=\(uuid(name)), name=\(name)"
        }
        return """
            label: gpt
            label-id: \(uuid("disk"))
            \(line("loader", loaderOffset, Self.mebibyte))
            \(line("system", systemOffset, systemSize))
            \(line("root", rootOffset, rootSize))

            """
    }
}
