package import RucheCore
package import RucheImages
package import SystemPackage

extension ExportFormat {
    /// True when the export is a folder, which is sent as a tar of what is in it.
    package var isFolder: Bool { self == .oci || self == .lxd }
    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// Forms in which an image comes into the catalogue.
package enum ImportFormat: String, CaseIterable, Sendable {
    case ociArchive = "oci-archive"
    case dockerArchive = "docker-archive"
    case rootfsTar = "rootfs-tar"

    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// What the catalogue does with images, besides their names: the seam to the image formats.
package struct ImageTools: Sendable {
    /// Writes a release to a path that does not exist. Folder formats make a folder.
    package var export: @Sendable (Release, ExportFormat, _ architecture: String?, FilePath) async throws -> Void
    /// Publishes an archive as a release; the format is found out when it is nil.
    package var load: @Sendable (FilePath, ImportFormat?, EnvironmentName, ReleaseVersion) async throws -> Release
    package var compare: @Sendable (Release, Release) async throws -> ReleaseDiff
    /// Writes a folder as a tar.
    package var archive: @Sendable (FilePath, _ target: FilePath) async throws -> Void

    package init(
        export: @escaping @Sendable (Release, ExportFormat, String?, FilePath) async throws -> Void,
        load: @escaping @Sendable (FilePath, ImportFormat?, EnvironmentName, ReleaseVersion) async throws -> Release,
        compare: @escaping @Sendable (Release, Release) async throws -> ReleaseDiff,
        archive: @escaping @Sendable (FilePath, FilePath) async throws -> Void
    ) {
        self.export = export
        self.load = load
        self.compare = compare
        self.archive = archive
    }
}
