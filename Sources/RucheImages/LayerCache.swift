package import RucheCore
package import SystemPackage

/// Unpacked layers by diff id, as folders that overlayfs stacks. Everything here can be removed at any time
/// and comes back from the content store.
package protocol LayerCache: Sendable {
    /// The folder of an unpacked layer; made from the content store when it is missing.
    /// A layer that is compressed is found by `blob` and unpacked to `diffID`.
    func folder(diffID: Digest, blob: Descriptor) async throws -> FilePath
    /// Takes over `folder` (an overlay's upper directory on the same file system) as the layer `diffID`.
    /// Returns where it is now; when the layer is here already, `folder` is removed.
    func adopt(_ folder: FilePath, diffID: Digest) async throws -> FilePath
}
