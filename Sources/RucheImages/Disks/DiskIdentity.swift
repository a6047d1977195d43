import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Replaces what qemu-img chose by chance in a new image by what is derived from its content.
struct DiskIdentity {
    private let path: FilePath
    private let identity: Digest

    init(_ path: FilePath, _ identity: Digest) {
        self.path = path
        self.identity = identity
    }

    func set(_ format: DiskFormat) throws {
        guard format != .raw, format != .qcow2 else { return }
        let file = try FileDescriptor.open(path, .readWrite, options: [.closeOnExec, .noFollow])
        try file.closeAfter {
            switch format {
            case .vmdk: try setContentID(file)
            case .vdi: try setVDI(file)
            case .vhdx: try VHDXIdentity(file: file, bytes: bytes).set()
            case .raw, .qcow2: break
            }
        }
    }

    /// Bytes that are the same for the same disk, as a UUID of RFC 9562, version 8.
    private func bytes(_ part: String) -> [UInt8] {
        let hex = StreamHasher.digest(of: Array("\(part) \(identity.hex)".utf8)).hex
        var bytes = stride(from: 0, to: 32, by: 2).map { offset in
            UInt8(hex.dropFirst(offset).prefix(2), radix: 16) ?? 0
        }
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        return bytes
    }

    /// `CID=` of the descriptor (VMware Virtual Disk Format 1.1, "The Header"). qemu-img writes a number without the zeros
    /// before it, so that what follows may have to move; and it writes a second one over the first, so that past the end
    /// of a text that became shorter stand remains of the longer one.
    private func setContentID(_ file: FileDescriptor) throws {
        let head = try file.bytes(from: 0, to: 512)
        guard let sector = head.little(28, UInt64.self), let sectors = head.little(36, UInt64.self),
            (1...2048).contains(sector), (1...2048).contains(sectors)
        else { throw RucheError(.buildFailed, "the vmdk image has no descriptor") }
        let start = Int64(sector) * 512
        let whole = try file.bytes(from: start, to: start + Int64(sectors) * 512)
        let text = whole.prefix { $0 != 0 }
        let name = Array("\nCID=".utf8)
        guard let line = text.indices.first(where: { text[$0...].starts(with: name) }),
            let end = text[(line + 1)...].firstIndex(of: 10)
        else { throw RucheError(.buildFailed, "the vmdk image has no content identifier") }
        let hex = String(identity.hex.prefix(8))
        // The two highest values mean that there is none.
        let digits = hex.hasPrefix("ffff") ? "0" + hex.dropFirst() : hex
        let new = text[..<line] + name + Array(digits.utf8) + text[end...]
        guard new.count < whole.count else {
            throw RucheError(.buildFailed, "the vmdk image has no room for its content identifier")
        }
        try file.writeAll(toAbsoluteOffset: start, new + [UInt8](repeating: 0, count: whole.count - new.count))
    }

    private func setVDI(_ file: FileDescriptor) throws { try file.writeAll(toAbsoluteOffset: 392, vdi) }

    /// The identifiers of a VirtualBox image and of its last change (its header, version 1.1, from byte 392).
    var vdi: [UInt8] { bytes("vdi") + bytes("vdi change") }
}
