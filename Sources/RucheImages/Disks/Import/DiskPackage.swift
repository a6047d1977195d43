import Foundation
import RucheCore
import RucheHost
import SystemPackage

/// An archive with one disk in it: an appliance, or a Vagrant box of libvirt or VirtualBox. As hostile as the disk.
struct DiskPackage {
    private static let documentLimit = 4 << 20

    private let path: FilePath
    /// The disk's path in the archive.
    private let entry: String
    /// What the archive says of the disk; nil where only its mark tells.
    let format: DiskFormat?
    /// From the manifest of an appliance, where it has one.
    private let checksum: FileChecksum?

    /// An OVA: a tar of the description, the disk, and a manifest that may be left out.
    init(appliance path: FilePath) throws {
        self.path = path
        let contents = try Self.read(path)
        let descriptions = contents.documents.filter { $0.key.hasSuffix(".ovf") }
        guard let description = descriptions.first, descriptions.count == 1 else {
            throw RucheError(
                .invalidArchive,
                "the appliance has \(descriptions.count) descriptions (.ovf) at its root instead of one")
        }
        entry = try OVFDisk(description.value).file
        let base = description.key.dropLast(4)
        let manifest = contents.documents["\(base).mf"].map { Self.checksums($0) } ?? [:]
        checksum = manifest[entry]
        format = nil
        try Self.verify(description.value, manifest[description.key], description.key)
        try requireEntry(contents)
    }

    /// A box, whose disk is told by `metadata.json` (libvirt) or by `box.ovf` (VirtualBox).
    init(box path: FilePath) throws {
        self.path = path
        let provider = try BoxArchive(checking: path).provider
        let contents = try Self.read(path)
        checksum = nil
        switch provider {
        case "libvirt":
            (entry, format) = try Self.libvirtDisk(contents)
        case "virtualbox":
            guard let description = contents.documents["box.ovf"] else {
                throw RucheError(.invalidArchive, "the box has no \"box.ovf\", so it names no disk")
            }
            entry = try OVFDisk(description).file
            format = nil
        default:
            throw RucheError(
                .unsupported,
                "a box for \(provider.prefix(40)) has no disk that is read: libvirt's and virtualbox' have")
        }
        try requireEntry(contents)
    }

    /// Writes the disk to a new file.
    func extract(to target: FilePath) throws {
        let reader = try ArchiveReader(path, limits: PackageEntryCheck.limits)
        var hasher = checksum.map { ChecksumHasher($0.kind) }
        var check = PackageEntryCheck(archiveSize: try FileTree.size(path))
        while let item = try reader.next() {
            guard try check.accept(item) == entry else { continue }
            let file = try FileDescriptor.open(
                target, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
            try file.closeAfter {
                var end: Int64 = 0
                while let block = try reader.nextBlock() {
                    try Task.checkCancellation()
                    // Holes of a sparse entry stay holes.
                    hasher?.skip(block.offset - end)
                    try file.writeAll(toAbsoluteOffset: block.offset, block.bytes)
                    hasher?.update(block.bytes)
                    end = block.offset + Int64(block.bytes.count)
                }
                try file.resize(to: item.size)
                hasher?.skip(item.size - end)
            }
            if let checksum, let found = hasher?.finish(), found != checksum {
                throw RucheError(
                    .checksumMismatch, "\"\(entry.prefix(200))\" is not what the appliance's manifest says of it")
            }
            return
        }
    }

    private func requireEntry(_ contents: Contents) throws {
        guard contents.files[entry] != nil else {
            throw RucheError(
                .invalidArchive, "the archive names the disk \"\(entry.prefix(200))\", which is not in it")
        }
    }

    /// What is at the root of the archive: files with their sizes, and the documents among them.
    private struct Contents {
        var files: [String: Int64] = [:]
        var documents: [String: [UInt8]] = [:]
    }

    private static func read(_ path: FilePath) throws -> Contents {
        let reader = try ArchiveReader(path, limits: PackageEntryCheck.limits)
        var check = PackageEntryCheck(archiveSize: try FileTree.size(path))
        var contents = Contents()
        while let entry = try reader.next() {
            guard let name = try check.accept(entry), entry.kind == .regular else { continue }
            if let fault = check.rootFault { throw fault }
            contents.files[name] = entry.size
            if name.hasSuffix(".ovf") || name.hasSuffix(".mf") || name == "metadata.json" {
                contents.documents[name] = try reader.content(limit: documentLimit)
            }
        }
        return contents
    }

    /// vagrant-libvirt's two forms: `box.img`, or a list of `disks`.
    private static func libvirtDisk(_ contents: Contents) throws -> (String, DiskFormat?) {
        let bytes = contents.documents["metadata.json"] ?? []
        guard case .object(let members)? = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else {
            throw RucheError(.invalidArchive, "\"metadata.json\" of the box is no JSON object")
        }
        guard let disks = members["disks"]?.arrayValue else {
            return ("box.img", members["format"]?.stringValue.flatMap { DiskFormat(rawValue: $0) } ?? .qcow2)
        }
        guard disks.count == 1 else {
            throw RucheError(.unsupported, "the box has \(disks.count) disks: a release takes one with one disk")
        }
        guard case .object(let disk) = disks[0], let path = disk["path"]?.stringValue else {
            throw RucheError(.invalidArchive, "\"metadata.json\" of the box names no path of its disk")
        }
        return (path, disk["format"]?.stringValue.flatMap { DiskFormat(rawValue: $0) })
    }

    /// Lines such as `SHA256(disk.vmdk)= 12ab…`.
    private static func checksums(_ manifest: [UInt8]) -> [String: FileChecksum] {
        var result: [String: FileChecksum] = [:]
        for line in String(decoding: manifest, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard let match = line.wholeMatch(of: /(SHA\d+)\s*\((.+)\)\s*=\s*([0-9a-fA-F]+)\s*/) else { continue }
            result[String(match.2)] = FileChecksum(kind: match.1.lowercased(), hex: match.3.lowercased())
        }
        return result
    }

    private static func verify(_ bytes: [UInt8], _ checksum: FileChecksum?, _ name: String) throws {
        guard let checksum else { return }
        var hasher = ChecksumHasher(checksum.kind)
        hasher.update(bytes)
        guard hasher.finish() == checksum else {
            throw RucheError(
                .checksumMismatch, "\"\(name.prefix(200))\" is not what the appliance's manifest says of it")
        }
    }
}

extension ChecksumHasher {
    /// The zeros of a hole.
    fileprivate mutating func skip(_ count: Int64) {
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var left = count
        while left > 0 {
            let part = Int(min(left, Int64(zeros.count)))
            zeros.withUnsafeBytes { update(UnsafeRawBufferPointer(rebasing: $0[..<part])) }
            left -= Int64(part)
        }
    }
}
