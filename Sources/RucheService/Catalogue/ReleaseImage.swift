import RucheCore
import RucheEngines
import RucheImages
import SystemPackage

/// A release's container image as engines want it.
struct ReleaseImage: ContainerImage {
    /// Lowest first.
    struct Layer: Hashable, Sendable, Codable {
        var diffID: Digest
        var blob: Descriptor
    }

    /// Digest of its manifest.
    let digest: Digest
    let parts: [Layer]
    let cache: any LayerCache

    func layers() async throws -> [FilePath] {
        var folders: [FilePath] = []
        for part in parts { folders.append(try await cache.folder(diffID: part.diffID, blob: part.blob)) }
        return folders
    }

    func writeRootArchive(to path: FilePath) async throws {
        try await LayerArchiver().writeMerged(try await layers().reversed(), to: path)
    }
}
