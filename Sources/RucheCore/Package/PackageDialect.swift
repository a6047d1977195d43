/// The forms in which a pipeline comes.
package enum PackageDialect: String, Hashable, Sendable, Codable, CaseIterable {
    /// An LXD image whose `metadata.yaml` has a `pirus` mapping.
    case lxdImage = "lxd-image"
    /// An archive with `manifest.json` and `lxc_image.tar.gz`.
    case lxdArchive = "lxd-archive"
    /// An archive with `manifest.json` and a `Dockerfile`.
    case dockerfile
    /// A release of a catalogue with a pipeline's contract, as an OCI archive.
    case release
}
