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
}
