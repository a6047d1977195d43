import Glibc
import RucheCore
package import RucheHost
package import SystemPackage

/// Unpacks the tar of a recipe folder that somebody sent.
///
/// Only folders, regular files and symbolic links that stay in the folder come out of it. Links are made
/// last, so that no entry is ever written through one.
package struct ContextUnpacker: Sendable {
    private let limits: ArchiveLimits

    package init(limits: ArchiveLimits = ArchiveLimits(entries: 200_000, bytes: 16 << 30)) { self.limits = limits }

    /// Makes `folder` (mode 0700). Throws `invalid_archive` and names the entry.
    package func unpack(_ tar: FilePath, to folder: FilePath) throws {
        let reader = try ArchiveReader(tar, limits: limits)
        try FileTree.makeFolder(folder, permissions: 0o700)
        var links: [(path: FilePath, target: String)] = []
        while let entry = try reader.next() {
            try Task.checkCancellation()
            guard let path = try Self.path(entry) else { continue }
            switch entry.kind {
            case .folder: try FileTree.makeFolder(folder.appending(path.components))
            case .regular: try write(entry, reader, to: folder.appending(path.components))
            case .symbolicLink: links.append((path, try Self.target(entry, at: path)))
            case .hardLink, .characterDevice, .blockDevice, .fifo, .socket:
                throw Self.refusal(entry, "is neither a file, a folder nor a symbolic link")
            }
        }
        for link in links {
            let place = folder.appending(link.path.components)
            try FileTree.makeFolder(place.removingLastComponent())
            guard symlink(link.target, place.string) == 0 else {
                throw RucheError(.invalidArchive, "\"\(link.path)\" is in the archive twice")
            }
        }
    }

    private func write(_ entry: ArchiveEntry, _ reader: ArchiveReader, to path: FilePath) throws {
        try FileTree.makeFolder(path.removingLastComponent())
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: FilePermissions(rawValue: CModeT(entry.permissions & 0o777 | 0o600)))
        } catch Errno.fileExists {
            throw Self.refusal(entry, "is in the archive twice")
        }
        try file.closeAfter {
            while let block = try reader.nextBlock() {
                _ = try file.writeAll(toAbsoluteOffset: block.offset, block.bytes)
            }
            // A sparse file may end in a hole.
            guard ftruncate(file.rawValue, off_t(entry.size)) == 0 else { throw Errno(rawValue: errno) }
        }
    }

    /// The path below the folder; nil for the folder itself.
    private static func path(_ entry: ArchiveEntry) throws -> FilePath? {
        guard let text = String(validating: entry.path, as: UTF8.self), text.utf8.count <= 4096 else {
            throw refusal(entry, "has a name that is no UTF-8 or too long")
        }
        guard !text.hasPrefix("/") else { throw refusal(entry, "is an absolute path") }
        let parts = text.split(separator: "/").filter { $0 != "." }
        guard !parts.contains("..") else { throw refusal(entry, "leaves the folder") }
        return parts.isEmpty ? nil : FilePath(parts.joined(separator: "/"))
    }

    private static func target(_ entry: ArchiveEntry, at path: FilePath) throws -> String {
        guard let text = String(validating: entry.link, as: UTF8.self),
            RecipeLink.stays(target: text, depth: path.components.count)
        else { throw refusal(entry, "is a link that may leave the folder") }
        return text
    }

    private static func refusal(_ entry: ArchiveEntry, _ reason: String) -> RucheError {
        RucheError(.invalidArchive, "\"\(entry.name.prefix(200))\" in the archive \(reason)")
    }
}
