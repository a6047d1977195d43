package import RucheCore
package import SystemPackage

/// The image a container is made of. An engine takes the form it can use, once per digest.
package protocol ContainerImage: Sendable {
    /// Digest of the image's manifest. The same digest is the same content, so that what an engine made of it
    /// may be used again.
    var digest: Digest { get }
    /// Unpacked layers on this machine, lowest first; none of them may be written to.
    func layers() async throws -> [FilePath]
    /// Writes the whole root file system as one uncompressed tar archive, white-outs applied.
    func writeRootArchive(to path: FilePath) async throws
}
