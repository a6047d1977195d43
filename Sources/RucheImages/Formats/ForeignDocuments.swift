import RucheCore
import RucheHost

/// An index as other tools write it: media types may be missing.
struct ForeignIndex: Decodable {
    var manifests: [Descriptor]
}

/// A manifest as other tools write it.
struct ForeignManifest: Decodable {
    var config: Descriptor
    var layers: [Descriptor]
}

extension Manifest {
    /// An image manifest with OCI's media types only.
    var isPlainOCI: Bool {
        schemaVersion == 2 && mediaType == MediaType.imageManifest && config.mediaType == MediaType.imageConfig
            && layers.allSatisfy { $0.mediaType == $0.ociLayerType }
    }
}

extension Descriptor {
    /// OCI's name for a layer media type of Docker.
    var ociLayerType: String {
        switch mediaType {
        case MediaType.dockerLayerTar: MediaType.layerTar
        case MediaType.dockerLayerTarGzip: MediaType.layerTarGzip
        default: mediaType
        }
    }
}

extension ArchiveReader {
    /// The next bytes of the current entry, holes as zeros are not expected; nil at its end.
    func nextChunk() throws -> [UInt8]? { try nextBlock().map { Array($0.bytes) } }
}
