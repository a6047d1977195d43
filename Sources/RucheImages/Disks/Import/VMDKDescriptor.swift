import RucheCore

/// The text that a VMDK holds of itself: of what kind it is, and which files it is made of.
struct VMDKDescriptor {
    private static let sector: Int64 = 512
    /// Sectors that qemu-img searches for a parent, from the second one on.
    private static let searched: Int64 = 20
    private static let most: Int64 = 1 << 20

    private let text: String

    /// `head` is the first sector of a sparse VMDK (VMware, "Virtual Disk Format", 5.0). Throws what `DiskHeader.check`
    /// does.
    static func check(_ head: [UInt8], length: Int64, _ bytes: (_ offset: Int64, _ count: Int64) throws -> [UInt8])
        throws
    {
        guard let version = head.little(4, UInt32.self), (1...3).contains(version),
            let sectors = head.little(12, UInt64.self), let place = head.little(28, UInt64.self),
            let count = head.little(36, UInt64.self)
        else { throw RucheError(.corruptContent, "the VMDK is cut off, or of a version that is not known") }
        // With no size of its own qemu-img takes the descriptor for the image, and opens what it names.
        try DiskHeader.checkCapacity(sectors > 1 << 54 ? .max : sectors * 512)
        guard place > 0, count > 0, count <= UInt64(most / sector), place <= UInt64(max(0, length / sector)) else {
            throw RucheError(
                .unsupported, "the VMDK is one part of several: make one file with \"qemu-img convert -O qcow2\"")
        }
        try VMDKDescriptor(try bytes(Int64(place) * sector, Int64(count) * sector)).check()
        // Where qemu-img looks whatever the head says.
        try VMDKDescriptor(try bytes(sector, searched * sector)).checkParent()
    }

    private init(_ bytes: [UInt8]) { text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }

    private func check() throws {
        try checkParent()
        let kind = value("createType") ?? ""
        guard ["monolithicsparse", "streamoptimized"].contains(kind.lowercased()) else {
            let what = kind.isEmpty ? "one part of several" : "of the kind \"\(kind.prefix(40))\", not one file"
            throw RucheError(
                .unsupported, "the VMDK is \(what): make one file with \"qemu-img convert -O qcow2\"")
        }
        let extents = lines.filter { line in ["RW ", "RDONLY ", "NOACCESS "].contains { line.hasPrefix($0) } }
        guard extents.count == 1, extents[0].split(separator: " ").dropFirst(2).first == "SPARSE" else {
            throw RucheError(
                .unsupported,
                "the VMDK has \(extents.count) parts: make one file with \"qemu-img convert -O qcow2\"")
        }
    }

    private func checkParent() throws {
        let parent = value("parentCID")?.lowercased() ?? "ffffffff"
        guard parent == "ffffffff", !text.contains("parentFileNameHint") else {
            throw RucheError(
                .unsupported, "the VMDK is a difference to another one: make one file of both, or export it again")
        }
    }

    private var lines: [Substring] { text.split(whereSeparator: \.isNewline) }

    private func value(_ key: String) -> String? {
        for line in lines {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].filter({ $0 != " " }) == key else { continue }
            return parts[1].filter { $0 != " " && $0 != "\"" }
        }
        return nil
    }
}
