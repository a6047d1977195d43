/// What a workbench lives in.
package enum WorkbenchKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// runc, without a daemon.
    case ociRuntime = "oci-runtime"
    case docker, podman, lxd

    /// The form of an image that its engine takes in, as the catalogue exports it.
    package var baseFormat: String {
        switch self {
        case .ociRuntime: "rootfs-tar"
        case .docker, .podman: "docker-archive"
        case .lxd: "lxd"
        }
    }
}
