package import SystemPackage

/// A flat or nested folder of plain files as a tar, names sorted, owner root, times zero.
package enum FolderArchive {
    /// Writes the files and folders below `folder`; links and devices are left out.
    package static func write(_ folder: FilePath, to target: FilePath) throws {
        let writer = try ArchiveWriter(target)
        try add(folder, prefix: "", to: writer)
        try writer.close()
    }

    private static func add(_ folder: FilePath, prefix: String, to writer: ArchiveWriter) throws {
        for name in try FileTree.names(in: folder) {
            let (path, inside) = (folder.appending(name), prefix + name)
            switch try FileTree.kind(path) {
            case .folder:
                try writer.add(ArchiveEntry(path: Array("\(inside)/".utf8), kind: .folder, permissions: 0o755))
                try add(path, prefix: inside + "/", to: writer)
            case .regular(let size):
                try writer.add(
                    ArchiveEntry(path: Array(inside.utf8), kind: .regular, permissions: 0o644, size: size))
                try copy(path, to: writer)
            case .other: continue
            }
        }
    }

    private static func copy(_ path: FilePath, to writer: ArchiveWriter) throws {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
        try file.closeAfter {
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return }
                try buffer.withUnsafeBytes { try writer.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            }
        }
    }
}
