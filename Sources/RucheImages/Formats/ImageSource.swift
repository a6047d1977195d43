package import SystemPackage

/// An image outside the store.
package enum ImageSource: Hashable, Sendable {
    /// A folder in OCI image layout.
    case ociLayout(FilePath)
    /// A tar of such a folder, plain or compressed.
    case ociArchive(FilePath)
    /// What `docker save` writes.
    case dockerArchive(FilePath)
    /// A root file system as a tar, plain or compressed.
    case rootfs(FilePath)
    /// The unified tarball of an LXD image, whose root is in `rootfs/`. `program` is a path of the root that
    /// everybody may run.
    case lxdImage(FilePath, program: String?)
}
