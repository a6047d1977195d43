/// A Vagrant box of a version: for one provider and one architecture.
package struct BoxVariant: Hashable, Sendable, Codable {
    /// `virtualbox`, `libvirt`, …
    package var provider: String
    /// A name of Vagrant's, such as `amd64`, or `unknown` for a box whose publisher did not say.
    package var architecture: String
    /// Whether clients that ask for no architecture get this one of the provider.
    package var isDefault: Bool
    /// The box file, when it is kept here.
    package var blob: Digest?
    /// Bytes of the box file.
    package var size: Int64?
    /// Where the box is, when it is kept elsewhere.
    package var url: String?
    /// What the publisher says of the bytes; checked when they come.
    package var checksum: FileChecksum?
    /// Milliseconds since 1970.
    package var createdAt: Int64
    package var updatedAt: Int64

    package init(provider: String, architecture: String, isDefault: Bool, createdAt: Int64) {
        self.provider = provider
        self.architecture = architecture
        self.isDefault = isDefault
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}
