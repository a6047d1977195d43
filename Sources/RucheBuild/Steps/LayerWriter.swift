import RucheCore
import RucheImages
import SystemPackage

/// Turns a folder into a layer: its tar in the content store, the folder itself in the layer cache.
struct LayerWriter: Sendable {
    let store: any ContentStore
    let cache: any LayerCache

    struct Layer: Sendable {
        var digest: Digest
        var descriptor: Descriptor
    }

    /// Takes over `folder`, which is normalised already.
    func store(_ folder: FilePath, clampTime: Int64) async throws -> Layer {
        let blob = try await LayerArchiver().write(folder: folder, clampTime: clampTime, to: store)
        _ = try await cache.adopt(folder, diffID: blob.digest)
        return Layer(
            digest: blob.digest,
            descriptor: Descriptor(mediaType: MediaType.layerTar, digest: blob.digest, size: blob.size.bytes))
    }
}
