/// What a pipeline is packed as.
package enum PackageFormat: String, Hashable, Sendable, CaseIterable {
    /// An LXD image whose `metadata.yaml` has a `pirus` mapping.
    case lxd
    /// A zip of `manifest.json` and an LXD image.
    case zipLXD = "zip-lxd"
    /// A zip of `manifest.json` and a Dockerfile with the root beside it.
    case zipDocker = "zip-docker"
    /// A release as a file.
    case oci
}
