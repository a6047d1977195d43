package import RucheCore
import RucheImages

/// A base that is a disk instead of layers, and what was found on it.
struct DiskBase: Hashable, Sendable, Codable {
    /// The disk as one qcow2.
    var blob: Digest
    var size: Int64
    var capacity: Int64
    /// OCI's name of the architecture.
    var architecture: String
    var system: String?
    var kernels: [String]
    var packages: [InstalledPackages.Debian]
    /// What could not be read of it.
    var notes: [String]
    var made: PackerRecord

    init(_ imported: DiskImporter.Imported, made: PackerRecord) {
        (blob, size, capacity) = (imported.disk.blob, imported.disk.size, imported.disk.capacity)
        architecture = imported.disk.architecture
        (system, kernels, notes) = (imported.guest.system, imported.guest.kernels, imported.guest.notes)
        packages = imported.guest.packages.map { InstalledPackages.parseStatus($0) } ?? []
        self.made = made
    }

    var variant: DiskVariant {
        DiskVariant(format: .qcow2, architecture: architecture, blob: blob, size: size, capacity: capacity)
    }
}

/// How Packer made a disk.
package struct PackerRecord: Hashable, Sendable, Codable {
    /// What Packer says its version is.
    package var version: String
    package var builder: String
    /// The template's file.
    package var template: Digest
    /// The file that came of it.
    package var artifact: Digest
    /// That file's disk as it is kept.
    package var disk: Digest
}
