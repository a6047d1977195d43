import Glibc
import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// An image or a root file system beside the recipe as a base.
struct ArchiveBase: Sendable {
    let importer: ImageImporter
    let layers: any LayerCache
    let architecture: String
    let now: @Sendable () -> Int64

    func read(_ base: BaseReference, _ source: SourceFolder) async throws -> BaseRecord {
        let imported = try await bring(base, source)
        var config = imported.config
        config.rootfs = ImageConfig.RootFS(diffIDs: imported.diffIDs.map(\.description))
        var record = try CatalogueBase.record(
            layers: imported.layers, config: config, resolvedAt: now(), name: base.description)
        if config.created == nil { record.clampTime = try await newest(record) }
        record.clampTime = max(record.clampTime, CatalogueBase.earliest)
        return record
    }

    private func bring(_ base: BaseReference, _ source: SourceFolder) async throws -> ImageImporter.Imported {
        switch base {
        case .ociLayout(let path, let tag):
            return try await bring(path, tag, source) { FileTree.isFolder($0) ? .ociLayout($0) : .ociArchive($0) }
        case .dockerArchive(let path, let tag): return try await bring(path, tag, source) { .dockerArchive($0) }
        case .rootTarball(let path): return try await bring(path, nil, source) { .rootfs($0) }
        case .debian, .environment, .packerTemplate:
            throw RucheError(.internalError, "\(base) is no archive")
        }
    }

    private func bring(
        _ path: String, _ tag: String?, _ source: SourceFolder, as kind: (FilePath) -> ImageSource
    ) async throws -> ImageImporter.Imported {
        let place = try source.locate(path)
        do {
            return try await importer.importImage(kind(place), architecture: architecture, tag: tag)
        } catch var error as RucheError {
            // People know the file as the recipe names it, not the private copy of it.
            error.message = error.message.replacing(place.string, with: path)
            throw error
        }
    }

    /// The newest time in the base's layers: an image without a creation time has no other age.
    private func newest(_ record: BaseRecord) async throws -> Int64 {
        var result: Int64 = 0
        for layer in record.layers {
            let folder = try await layers.folder(diffID: layer.diffID, blob: layer.blob)
            result = max(result, try Self.newest(in: folder))
        }
        return result
    }

    private static func newest(in folder: FilePath) throws -> Int64 {
        var result: Int64 = 0
        for name in try FileTree.names(in: folder) {
            let path = folder.appending(name)
            var status = stat()
            guard lstat(path.string, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                result = max(result, try newest(in: path))
            } else {
                result = max(result, Int64(status.st_mtim.tv_sec))
            }
        }
        return result
    }
}
