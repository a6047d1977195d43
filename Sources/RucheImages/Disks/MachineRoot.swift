package import RucheCore
package import SystemPackage

/// What a machine's disk is made from.
package struct MachineRoot: Sendable {
    /// The layers, topmost first.
    package var folders: [FilePath]
    /// The folder with the boot loader's files.
    package var loader: FilePath
    /// Debian's name of the architecture.
    package var architecture: String
    /// Bytes of the disk; nil chooses a size from what is in it.
    package var capacity: ByteCount?
    /// What the identifiers on the disk are derived from.
    package var identity: Digest
    /// The host name until the machine is given another.
    package var hostName: String
    /// Times after this (seconds since 1970) become this.
    package var clampTime: Int64

    package init(
        folders: [FilePath], loader: FilePath, architecture: String, capacity: ByteCount?, identity: Digest,
        hostName: String, clampTime: Int64
    ) {
        self.folders = folders
        self.loader = loader
        self.architecture = architecture
        self.capacity = capacity
        self.identity = identity
        self.hostName = hostName
        self.clampTime = clampTime
    }
}
