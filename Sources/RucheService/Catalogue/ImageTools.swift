package import RucheCore
package import RucheImages
package import SystemPackage

/// Forms in which a release leaves the catalogue.
package enum ExportFormat: String, CaseIterable, Sendable {
    case oci
    case ociArchive = "oci-archive"
    case dockerArchive = "docker-archive"
    case lxd
    case rootfsTar = "rootfs-tar"

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

/// What two releases differ in. The member names are those of the API.
package struct ReleaseDifference: Hashable, Sendable, Codable {
    package struct PackageChange: Hashable, Sendable, Codable {
        package var system: String
        package var name: String
        package var before: String?
        package var after: String?
        package init(system: String, name: String, before: String?, after: String?) {
            self.system = system
            self.name = name
            self.before = before
            self.after = after
        }
    }
    package struct FileChange: Hashable, Sendable, Codable {
        package enum Kind: String, Hashable, Sendable, Codable {
            case added, removed, changed
        }
        package var kind: Kind
        package var path: String
        package var sizeBefore: Int64?
        package var sizeAfter: Int64?
        package init(kind: Kind, path: String, sizeBefore: Int64?, sizeAfter: Int64?) {
            self.kind = kind
            self.path = path
            self.sizeBefore = sizeBefore
            self.sizeAfter = sizeAfter
        }
    }
    package var packages: [PackageChange]
    package var files: [FileChange]
    package var sizeBefore: Int64
    package var sizeAfter: Int64
    package init(packages: [PackageChange], files: [FileChange], sizeBefore: Int64, sizeAfter: Int64) {
        self.packages = packages
        self.files = files
        self.sizeBefore = sizeBefore
        self.sizeAfter = sizeAfter
    }
}

/// What the catalogue does with images, besides their names: the seam to the image formats.
package struct ImageTools: Sendable {
    /// Writes a release to a path that does not exist. Folder formats make a folder.
    package var export: @Sendable (Release, ExportFormat, _ architecture: String?, FilePath) async throws -> Void
    /// Publishes an archive as a release; the format is found out when it is nil.
    package var load: @Sendable (FilePath, ImportFormat?, EnvironmentName, ReleaseVersion) async throws -> Release
    package var compare: @Sendable (Release, Release) async throws -> ReleaseDifference
    /// Writes a folder as a tar.
    package var archive: @Sendable (FilePath, _ target: FilePath) async throws -> Void

    package init(
        export: @escaping @Sendable (Release, ExportFormat, String?, FilePath) async throws -> Void,
        load: @escaping @Sendable (FilePath, ImportFormat?, EnvironmentName, ReleaseVersion) async throws -> Release,
        compare: @escaping @Sendable (Release, Release) async throws -> ReleaseDifference,
        archive: @escaping @Sendable (FilePath, FilePath) async throws -> Void
    ) {
        self.export = export
        self.load = load
        self.compare = compare
        self.archive = archive
    }
}
