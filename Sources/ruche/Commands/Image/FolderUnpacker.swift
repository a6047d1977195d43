import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Unpacks a tar of plain files and folders that a server sent. Nothing outside the folder is touched:
/// links and paths with `..` are refused, and nothing that exists is written over.
enum FolderUnpacker {
    /// Returns the bytes of all files.
    @discardableResult
    static func unpack(_ archive: FilePath, into folder: FilePath) throws -> Int64 {
        let reader = try ArchiveReader(archive, compressions: [.none])
        var bytes: Int64 = 0
        while let entry = try reader.next() {
            guard let path = try place(entry, in: folder) else { continue }
            switch entry.kind {
            case .folder: try FileTree.makeFolder(path)
            case .regular:
                try FileTree.makeFolder(path.removingLastComponent())
                try write(reader, to: path)
                bytes += entry.size
            default:
                throw RucheError(.invalidArchive, "\"\(Sanitized.line(entry.name))\" is neither a file nor a folder")
            }
        }
        return bytes
    }

    /// Nil for the folder itself.
    private static func place(_ entry: ArchiveEntry, in folder: FilePath) throws -> FilePath? {
        let relative = FilePath(entry.name)
        let parts = relative.components.filter { $0.kind != .currentDirectory }
        guard !relative.isAbsolute, parts.allSatisfy({ $0.kind == .regular }) else {
            throw RucheError(.invalidArchive, "\"\(Sanitized.line(entry.name))\" leads out of the folder")
        }
        return parts.isEmpty ? nil : folder.pushing(FilePath(root: nil, parts))
    }

    private static func write(_ reader: ArchiveReader, to path: FilePath) throws {
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        try file.closeAfter {
            while let block = try reader.nextBlock() {
                _ = try file.writeAll(toAbsoluteOffset: block.offset, block.bytes)
            }
        }
    }
}
