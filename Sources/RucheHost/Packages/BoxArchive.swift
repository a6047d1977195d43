import Foundation
import Glibc
import RucheCore
package import SystemPackage

/// A Vagrant box file: an archive with `metadata.json` at its root, a JSON object with the box's `provider`, or one
/// with `box.ovf`, which is VirtualBox's.
package struct BoxArchive: Hashable, Sendable {
    package var provider: String
    /// What newer clients read; nil where the box does not say.
    package var architecture: String?

    private static let metadataLimit = 1 << 20

    /// Reads every entry. Throws `invalid_archive` for what no client could add, or what nobody should: a path or a
    /// link that leaves, devices, an archive that unpacks to a disk full.
    package init(checking path: FilePath) throws {
        var status = stat()
        guard stat(path.string, &status) == 0 else { throw Errno(rawValue: errno) }
        let reader = try Self.reader(path)
        var check = PackageEntryCheck(archiveSize: Int64(status.st_size))
        var metadata: [UInt8]?
        var hasOVF = false
        while let entry = try reader.next() {
            let name = try check.accept(entry)
            if let fault = check.rootFault { throw fault }
            switch name {
            case "metadata.json": metadata = try reader.content(limit: Self.metadataLimit)
            case "box.ovf": hasOVF = true
            default: break
            }
        }
        guard let metadata else {
            guard hasOVF else {
                throw RucheError(
                    .invalidArchive, "the box has no \"metadata.json\" at its root, so no client can add it")
            }
            provider = "virtualbox"
            return
        }
        guard case .object(let members)? = try? JSONDecoder().decode(JSONValue.self, from: Data(metadata)) else {
            throw RucheError(.invalidArchive, "\"metadata.json\" of the box is no JSON object")
        }
        guard let provider = members["provider"]?.stringValue, !provider.isEmpty else {
            throw RucheError(.invalidArchive, "\"metadata.json\" of the box does not say its \"provider\"")
        }
        self.provider = provider
        architecture = members["architecture"]?.stringValue
    }

    /// Zips begin with their own mark; everything else that clients open is a tar.
    private static func reader(_ path: FilePath) throws -> ArchiveReader {
        let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        let mark = try file.closeAfter {
            try [UInt8](unsafeUninitializedCapacity: 4) { $1 = try file.read(into: UnsafeMutableRawBufferPointer($0)) }
        }
        return mark == [0x50, 0x4B, 3, 4]
            ? try ArchiveReader(zip: path, limits: PackageEntryCheck.limits)
            : try ArchiveReader(path, limits: PackageEntryCheck.limits)
    }
}
