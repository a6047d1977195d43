/// Annotation keys in use (image specification 1.1, annotations.md, and our own).
package enum Annotation {
    /// The file name of a blob in an artifact.
    package static let title = "org.opencontainers.image.title"
    package static let imageTitle = "org.opencontainers.image.title"
    package static let imageVersion = "org.opencontainers.image.version"
    package static let imageDescription = "org.opencontainers.image.description"
    package static let imageLicenses = "org.opencontainers.image.licenses"
    package static let imageAuthors = "org.opencontainers.image.authors"
    package static let refName = "org.opencontainers.image.ref.name"
    package static let name = "vnd.ruche.name"
    package static let version = "vnd.ruche.version"
    /// Of a Vagrant box: its provider, its architecture in Vagrant's words, `true` for the default one of its provider,
    /// where it is when that is elsewhere, and its checksum as `KIND:HEX`.
    package static let boxProvider = "vnd.ruche.vagrant.provider"
    package static let boxArchitecture = "vnd.ruche.vagrant.architecture"
    package static let boxDefault = "vnd.ruche.vagrant.default"
    package static let boxURL = "vnd.ruche.vagrant.url"
    package static let boxChecksum = "vnd.ruche.vagrant.checksum"
    /// When a variant was added, in milliseconds since 1970.
    package static let boxCreated = "vnd.ruche.vagrant.created"
    /// Of a disk: its `DiskFormat`, and its bytes as a guest sees them.
    package static let diskFormat = "vnd.ruche.disk.format"
    package static let diskCapacity = "vnd.ruche.disk.capacity"
    /// In the `index.json` of an exported release: the digest of the manifest of its documents.
    package static let documents = "vnd.ruche.documents"
}
