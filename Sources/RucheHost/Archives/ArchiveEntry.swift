/// One member of a tar archive. Paths are raw bytes: file names need not be UTF-8.
package struct ArchiveEntry: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case regular, hardLink, symbolicLink, characterDevice, blockDevice, folder, fifo, socket
    }

    /// An extended attribute of a file.
    package struct Attribute: Hashable, Sendable {
        package var name: [UInt8]
        package var value: [UInt8]
        package init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    package var path: [UInt8]
    package var kind: Kind
    /// The lower twelve bits of the mode, set-id bits included.
    package var permissions: UInt32
    package var uid: UInt32
    package var gid: UInt32
    /// Bytes of content of a regular file; 0 for everything else.
    package var size: Int64
    /// Seconds since 1970.
    package var modified: Int64
    /// What a hard or symbolic link points to.
    package var link: [UInt8]
    package var deviceMajor: UInt32
    package var deviceMinor: UInt32
    package var attributes: [Attribute]

    package init(path: [UInt8], kind: Kind, permissions: UInt32, size: Int64 = 0, modified: Int64 = 0) {
        self.path = path
        self.kind = kind
        self.permissions = permissions
        self.size = size
        self.modified = modified
        uid = 0
        gid = 0
        link = []
        deviceMajor = 0
        deviceMinor = 0
        attributes = []
    }

    /// The path for people; what is no UTF-8 is repaired.
    package var name: String { String(decoding: path, as: UTF8.self) }
}
