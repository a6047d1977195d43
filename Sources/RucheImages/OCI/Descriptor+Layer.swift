import RucheCore
import RucheHost

extension Descriptor {
    /// The compressions a layer of this media type may have. Throws `unsupported` for what is no layer here.
    var layerCompressions: [Compression] {
        get throws {
            switch mediaType {
            case MediaType.layerTar, MediaType.dockerLayerTar: [.none]
            case MediaType.layerTarGzip, MediaType.dockerLayerTarGzip: [.gzip]
            case MediaType.layerTarZstd: [.zstd]
            default:
                throw RucheError(
                    .unsupported, "layer \(digest) has the media type \"\(mediaType)\", which is not known here")
            }
        }
    }
}

extension MediaType {
    package static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    package static let dockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json"
    package static let dockerConfig = "application/vnd.docker.container.image.v1+json"
    package static let dockerLayerTar = "application/vnd.docker.image.rootfs.diff.tar"
    package static let dockerLayerTarGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip"
}
