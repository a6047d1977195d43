import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Where an export's files go: a folder or a tar.
protocol ExportTarget {
    func add(_ path: String, content: [UInt8]) async throws
    func add(_ path: String, size: Int64, stream: BlobStream) async throws
    /// Makes everything durable. Nothing is added afterwards.
    func finish() throws
}

/// Files in a new folder.
struct FolderTarget: ExportTarget {
    let folder: FilePath

    init(_ folder: FilePath) throws {
        self.folder = folder
        try FileTree.makeFolder(folder)
    }

    func add(_ path: String, content: [UInt8]) async throws {
        try AtomicFile.write(content, to: try target(path))
    }

    func add(_ path: String, size: Int64, stream: BlobStream) async throws {
        let file = try FileDescriptor.open(
            try target(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        do {
            for try await chunk in stream { try file.writeAll(chunk) }
            try file.sync()
        } catch {
            try? file.close()  // the error above is the one to report
            throw error
        }
        try file.close()
    }

    func finish() throws { try AtomicFile.syncFolder(folder) }

    private func target(_ path: String) throws -> FilePath {
        let target = folder.pushing(FilePath(path))
        try FileTree.makeFolder(target.removingLastComponent())
        return target
    }
}

/// Members of a tar, all with time 0, so that equal images are equal archives.
struct ArchiveTarget: ExportTarget {
    private let path: FilePath
    private let writer: ArchiveWriter

    init(_ path: FilePath) throws {
        self.path = path
        writer = try ArchiveWriter(path)
    }

    func add(_ path: String, content: [UInt8]) async throws {
        try writer.add(ArchiveEntry(path: Array(path.utf8), kind: .regular, permissions: 0o644), content: content)
    }

    func add(_ path: String, size: Int64, stream: BlobStream) async throws {
        try writer.add(ArchiveEntry(path: Array(path.utf8), kind: .regular, permissions: 0o644, size: size))
        for try await chunk in stream { try writer.write(chunk) }
    }

    func finish() throws {
        try writer.close()
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        try file.closeAfter { try file.sync() }
    }
}
