import RucheClient
import RucheCore
import RucheHost
import SystemPackage

/// A download that is a file, or a tar that becomes a folder.
enum FolderDownload {
    static func run(
        to target: FilePath, isFolder: Bool, _ download: (FilePath) async throws -> Downloaded
    ) async throws -> Downloaded {
        guard isFolder else { return try await download(target) }
        throw RucheError(.unsupported, "folders can't be unpacked yet")
    }
}
