package import RucheCore

/// What an image can be written as outside the store.
package enum ExportFormat: String, Hashable, Sendable, CaseIterable, Codable {
    /// A folder (OCI image layout).
    case oci
    /// A tar of that folder.
    case ociArchive = "oci-archive"
    /// What `docker load` reads.
    case dockerArchive = "docker-archive"
    /// A folder with `metadata.tar.xz` and `rootfs.squashfs`, for `lxc image import`.
    case lxd
    /// The root file system as one tar, layers merged.
    case rootfsTar = "rootfs-tar"
    /// The disk of a machine, as one file.
    case raw, qcow2, vmdk, vdi, vhdx
    /// An appliance in one file.
    case ova

    /// Nil for what is no disk alone.
    package var disk: DiskFormat? { DiskFormat(rawValue: rawValue) }
}
