package import RucheCore
package import RucheImages
package import SystemPackage

extension ExportFormat {
    /// True when the export is a folder, which is sent as a tar of what is in it.
    package var isFolder: Bool { self == .oci || self == .lxd }
    /// How the file's name ends.
    package var fileEnding: String { disk != nil || self == .ova ? rawValue : "\(rawValue).tar" }
    package var mediaType: String { disk == nil ? "application/x-tar" : "application/octet-stream" }
    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// Forms in which an image comes into the catalogue.
package enum ImportFormat: String, CaseIterable, Sendable {
    case ociArchive = "oci-archive"
    case dockerArchive = "docker-archive"
    case rootfsTar = "rootfs-tar"
    // Disks of machines, and archives with one.
    case raw, qcow2, vmdk, vdi, vhdx, ova, box

    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// What came of an import.
package struct ImportedRelease: Sendable {
    package var release: Release
    /// What is told of it besides, such as what was found on a disk.
    package var findings: [String: JSONValue] = [:]

    package init(release: Release) { self.release = release }
}

/// What the catalogue does with images, besides their names: the seam to the image formats.
package struct ImageTools: Sendable {
    /// Writes a release to a path that does not exist. Folder formats make a folder.
    package var export: @Sendable (Release, ExportFormat, _ architecture: String?, FilePath) async throws -> Void
    /// Publishes a file as a release; the format is found out when it is nil. `report` is told how far it is, 0…1.
    package typealias Load =
        @Sendable (
            FilePath, ImportFormat?, EnvironmentName, ReleaseVersion, _ report: @escaping @Sendable (Double) -> Void
        ) async throws -> ImportedRelease

    package var load: Load
    /// Whether a release's machine fits where it is to run, and what is left in it. Works in an empty folder.
    package typealias Check =
        @Sendable (
            Release, MachineTarget, _ flavour: ByteCount?, FilePath, _ report: @escaping @Sendable (Double) -> Void
        ) async throws -> ReleaseTargetCheck.Result
    package var check: Check
    package var compare: @Sendable (Release, Release) async throws -> ReleaseDiff
    /// Writes a folder as a tar.
    package var archive: @Sendable (FilePath, _ target: FilePath) async throws -> Void

    package init(
        export: @escaping @Sendable (Release, ExportFormat, String?, FilePath) async throws -> Void,
        load: @escaping Load, check: @escaping Check,
        compare: @escaping @Sendable (Release, Release) async throws -> ReleaseDiff,
        archive: @escaping @Sendable (FilePath, FilePath) async throws -> Void
    ) {
        self.export = export
        self.load = load
        self.check = check
        self.compare = compare
        self.archive = archive
    }
}
