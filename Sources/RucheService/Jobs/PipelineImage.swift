import RucheCore
import RucheEngines
import RucheImages
import SystemPackage

/// A release's image as engines want it.
struct PipelineImage: ContainerImage {
    let package: PipelinePackage
    let cache: any LayerCache

    var digest: Digest { package.imageDigest }

    func layers() async throws -> [FilePath] {
        var folders: [FilePath] = []
        for layer in package.layers { folders.append(try await cache.folder(diffID: layer.diffID, blob: layer.blob)) }
        return folders
    }

    func writeRootArchive(to path: FilePath) async throws {
        try await LayerArchiver().writeMerged(try await layers().reversed(), to: path)
    }
}
