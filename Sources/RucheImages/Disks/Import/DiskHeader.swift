package import RucheCore
import RucheHost
package import SystemPackage

/// The head of a disk image that a stranger made: what it is by its marks, and whether it is one file that stands alone.
///
/// qemu-img is never let guess: a raw disk is what its guest wrote, and could say to be another format that names files
/// of this machine.
package struct DiskHeader {
    /// Bytes of a disk as a guest sees it that nobody has honestly.
    static let mostCapacity: Int64 = 8 << 40

    private let file: FileDescriptor
    private let length: Int64

    /// The format by its mark, `raw` where there is a partition table or a file system, or nil.
    static func format(of path: FilePath) throws -> DiskFormat? {
        try open(path) { try $0.format() }
    }

    /// Throws `unsupported` for what is not one file that stands alone, `corrupt_content` for what is damaged, and
    /// `invalid_input` when it is not of the format.
    package static func check(_ path: FilePath, as format: DiskFormat) throws {
        try open(path) { header in
            let found = try header.format()
            guard found == format || (found == nil && format == .raw) else {
                let what = found.map { "looks like \($0.rawValue)" } ?? "has no mark of it"
                throw RucheError(.invalidInput, "the image is said to be \(format.rawValue), but \(what)")
            }
            switch format {
            case .raw: try header.checkRaw()
            case .qcow2: try header.checkQCOW2()
            case .vmdk: try VMDKDescriptor.check(header.bytes(0, 512), length: header.length, header.bytes)
            case .vdi: try header.checkVDI()
            case .vhdx: break  // qemu-img has no parents of these, and says so
            }
        }
    }

    private static func open<Result>(_ path: FilePath, _ body: (DiskHeader) throws -> Result) throws -> Result {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
        return try file.closeAfter {
            try body(DiskHeader(file: file, length: try file.seek(offset: 0, from: .end)))
        }
    }

    private func bytes(_ offset: Int64, _ count: Int64) throws -> [UInt8] {
        try file.bytes(from: offset, to: offset + count)
    }

    private func format() throws -> DiskFormat? {
        let head = try bytes(0, 2048)
        func has(_ mark: String, at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: mark.utf8) }
        if head.starts(with: [0x51, 0x46, 0x49, 0xFB]) { return .qcow2 }
        if has("KDMV") { return .vmdk }
        if has("vhdxfile") { return .vhdx }
        if head.little(64, UInt32.self) == 0xBEDA_107F { return .vdi }
        if has("# Disk DescriptorFile") {
            throw RucheError(
                .unsupported,
                "the VMDK is only a description of other files: make one file of it with \"qemu-img convert -O qcow2\"")
        }
        if has("COWD") {
            throw RucheError(
                .unsupported, "the VMDK is of a kind that only ESX reads: export it as stream-optimised there")
        }
        if has("conectix") {
            throw RucheError(.unsupported, "VHD is not read: convert it with \"qemu-img convert -f vpc -O qcow2\"")
        }
        let isTar = has("ustar", at: 257)
        let isFileSystem = head.little(1080, UInt16.self) == 0xEF53
        let isPartitioned = head.little(510, UInt16.self) == 0xAA55 || has("EFI PART", at: 512)
        return !isTar && (isFileSystem || isPartitioned) ? .raw : nil
    }

    private func checkRaw() throws {
        guard length > 0, length % 512 == 0 else {
            throw RucheError(
                .corruptContent, "the raw image has \(length) bytes, which are no whole sectors: it was cut off")
        }
    }

    /// docs/interop/qcow2.txt of QEMU.
    private func checkQCOW2() throws {
        let head = try bytes(0, 112)
        guard let version = head.big(4, UInt32.self), version == 2 || version == 3,
            let backing = head.big(8, UInt64.self), let capacity = head.big(24, UInt64.self),
            let encryption = head.big(32, UInt32.self)
        else { throw RucheError(.unsupported, "the qcow2 image is of a version that is not known, or cut off") }
        guard backing == 0 else {
            throw RucheError(
                .unsupported,
                "the qcow2 image is a difference to another file: make one of both with \"qemu-img convert -O qcow2\"")
        }
        guard encryption == 0 else {
            throw RucheError(.unsupported, "the qcow2 image is encrypted: decrypt it with \"qemu-img convert\" first")
        }
        try Self.checkCapacity(capacity)
        let features = version == 3 ? head.big(72, UInt64.self) ?? 0 : 0
        guard features & 0b100 == 0 else {
            throw RucheError(
                .unsupported,
                "the qcow2 image keeps its data in another file: make one file with \"qemu-img convert -O qcow2\"")
        }
        guard features & 0b11 == 0 else {
            throw RucheError(
                .corruptContent,
                "the qcow2 image is marked as damaged or was not closed: repair it with \"qemu-img check -r all\"")
        }
    }

    /// VirtualBox, `VDICore.h`; type 1 grows, 2 is of a fixed size, others need a parent.
    private func checkVDI() throws {
        let head = try bytes(0, 512)
        guard let kind = head.little(76, UInt32.self), let capacity = head.little(368, UInt64.self) else {
            throw RucheError(.corruptContent, "the VDI image is cut off")
        }
        let parent = head.dropFirst(440).prefix(16)
        guard kind == 1 || kind == 2, parent.allSatisfy({ $0 == 0 }) else {
            throw RucheError(
                .unsupported, "the VDI image is a difference to another one: merge it with its parent in VirtualBox")
        }
        try Self.checkCapacity(capacity)
    }

    static func checkCapacity(_ bytes: UInt64) throws {
        guard bytes > 0, bytes <= UInt64(mostCapacity) else {
            throw RucheError(
                .invalidInput, "the image says that its disk has \(bytes) bytes, which nothing here can be")
        }
    }
}

extension Array<UInt8> {
    /// A number of a fixed width at an offset; nil past the end.
    func little<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Number? {
        let width = Number.bitWidth / 8
        guard offset >= 0, offset + width <= count else { return nil }
        return self[offset..<(offset + width)].reversed().reduce(0) { $0 << 8 | Number($1) }
    }

    func big<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Number? {
        little(offset, type)?.byteSwapped
    }
}
