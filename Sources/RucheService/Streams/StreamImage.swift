package import RucheCore
package import RucheImages

/// One container or virtual machine of a release in two files, as LXD and Incus take it.
package struct StreamImage: Hashable, Sendable {
    package var name: EnvironmentName
    package var version: ReleaseVersion
    /// In the words of OCI: `amd64`, `arm64`, …
    package var architecture: String
    /// Whether it is of the newest release that is no pre-release.
    package var isNewest: Bool
    /// Milliseconds since 1970.
    package var publishedAt: Int64
    package var metadata: Descriptor
    /// A squashfs, or the disk of a virtual machine.
    package var root: Descriptor
    package var isMachine: Bool { root.mediaType != MediaType.squashfs }
    /// SHA-256 of both files one after the other: the image's fingerprint.
    package var fingerprint: String
}
