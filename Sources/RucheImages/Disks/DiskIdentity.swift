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
    /// before it, so that what follows may have to move.
    private func setContentID(_ file: FileDescriptor) throws {
        let start = try file.bytes(from: 0, to: 64 << 10)
        let name = Array("\nCID=".utf8)
        guard let line = start.indices.first(where: { start[$0...].starts(with: name) }),
            let end = start[(line + 1)...].firstIndex(of: 10), let stop = start[end...].firstIndex(of: 0)
        else { throw RucheError(.buildFailed, "the vmdk image has no content identifier") }
        let text = String(identity.hex.prefix(8))
        // The two highest values mean that there is none.
        let digits = text.hasPrefix("ffff") ? "0" + text.dropFirst() : text
        let rest = name + Array(digits.utf8) + start[end..<stop]
        // The descriptor has sectors to itself, of which most are zeros.
        let room = start[stop...].prefix { $0 == 0 }.count
        guard line + rest.count < stop + room else {
            throw RucheError(.buildFailed, "the vmdk image has no room for its content identifier")
        }
        let old = stop - line
        try file.writeAll(
            toAbsoluteOffset: Int64(line), rest + [UInt8](repeating: 0, count: max(0, old - rest.count)))
    }

    private func setVDI(_ file: FileDescriptor) throws { try file.writeAll(toAbsoluteOffset: 392, vdi) }

    /// The identifiers of a VirtualBox image and of its last change (its header, version 1.1, from byte 392).
    var vdi: [UInt8] { bytes("vdi") + bytes("vdi change") }
}
