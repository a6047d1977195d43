import RucheClient
import RucheCore
import RucheHost
import SystemPackage

/// A download that is a file, or a tar that becomes a folder.
enum FolderDownload {
    /// Writes to `target`, which must not exist; nothing is left of a download that failed.
    static func run(
        to target: FilePath, isFolder: Bool, _ download: (FilePath) async throws -> Downloaded
    ) async throws -> Downloaded {
        let parent = target.removingLastComponent()
        guard FileTree.isFolder(parent) else {
            throw RucheError(.notFound, "there is no folder \(parent) to write to")
        }
        guard !FileTree.exists(target) else {
            throw RucheError(.conflict, "\(target) exists already; move it away or name another place")
        }
        guard isFolder else { return try await download(target) }
        let name = ".\(target.lastComponent?.string ?? "export")"
        return try await TemporaryDirectory.with(in: parent, prefix: name) { folder in
            let archive = folder.appending("archive.tar")
            var result = try await download(archive)
            let content = folder.appending("content")
            try FileTree.makeFolder(content)
            result.size = try FolderUnpacker.unpack(archive, into: content)
            // A rename to a folder that is not empty fails, so nothing that appeared meanwhile is lost.
            try AtomicFile.rename(content, to: target)
            return result
        }
    }
}
