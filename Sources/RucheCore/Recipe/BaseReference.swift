/// What a recipe starts from.
package enum BaseReference: Hashable, Sendable, Codable {
    /// `debian:SUITE`, bootstrapped with mmdebstrap.
    case debian(suite: String)
    /// `owner/name[:version][@digest]` of the catalogue, as written.
    case environment(String)
    /// `oci:PATH[:tag]`: an OCI image layout, a folder or a tar of one. The path is relative to the recipe.
    case ociLayout(path: String, tag: String?)
    /// `docker-archive:PATH[:tag]`: what `docker save` writes.
    case dockerArchive(path: String, tag: String?)
    /// `tar:PATH`: a root file system as a tarball, compressed or not.
    case rootTarball(path: String)
    /// `packer:PATH`: the disk that a template of Packer (JSON) makes.
    case packerTemplate(path: String)
}

extension BaseReference: CustomStringConvertible {
    package var description: String {
        switch self {
        case .debian(let suite): "debian:\(suite)"
        case .environment(let reference): reference
        case .ociLayout(let path, let tag): "oci:\(path)" + (tag.map { ":\($0)" } ?? "")
        case .dockerArchive(let path, let tag): "docker-archive:\(path)" + (tag.map { ":\($0)" } ?? "")
        case .rootTarball(let path): "tar:\(path)"
        case .packerTemplate(let path): "packer:\(path)"
        }
    }

    /// Whether it is a finished disk, which no step can change.
    package var isDisk: Bool { if case .packerTemplate = self { true } else { false } }

    /// The file or folder beside the recipe that the base is read from.
    package var localPath: String? {
        switch self {
        case .debian, .environment: nil
        case .ociLayout(let path, _), .dockerArchive(let path, _), .rootTarball(let path), .packerTemplate(let path):
            path
        }
    }
}
