import RucheCore
import RucheHost
package import RucheImages
import SystemPackage

extension ImageTools {
    /// The real formats over the stores of a data directory.
    package static func formats(
        content: FileContentStore, layers: FileLayerCache, releases: FileReleaseStore, architecture: String
    ) -> ImageTools {
        let exporter = ImageExporter(store: content, layers: layers)
        return ImageTools(
            export: { release, format, wanted, path in
                try await exporter.export(release, format: format, architecture: wanted ?? architecture, to: path)
            },
            load: { path, format, name, version in
                let lease = try content.lease()
                defer { lease.end() }
                let importer = ImageImporter(store: content, cache: layers)
                let source = try (format ?? Self.format(of: path)).source(path)
                let image = try await importer.importImage(source, architecture: architecture)
                var manifest = image.manifest
                manifest.platform = .init(architecture: architecture)
                let (descriptor, index) = try await ReleaseAssembler(store: content).index(
                    name: name, version: version, manifests: [manifest])
                let release = Release(
                    name: name, version: version, digest: descriptor.digest, index: index, referrers: [],
                    publishedAt: SystemTime.milliseconds() / 1000)
                try await releases.publish(release)
                return release
            },
            compare: { old, new in
                try await ReleaseComparison(store: content).diff(from: old, to: new, architecture: architecture)
            },
            archive: { folder, target in try FolderArchive.write(folder, to: target) })
    }

    /// Found out by the names at the root of the archive, which each format prescribes.
    static func format(of path: FilePath) throws -> ImportFormat {
        let reader = try ArchiveReader(path)
        var isDocker = false
        while let entry = try reader.next() {
            let name = String(decoding: entry.path, as: UTF8.self)
            if ["oci-layout", "./oci-layout"].contains(name) { return .ociArchive }
            if ["manifest.json", "./manifest.json"].contains(name) { isDocker = true }
        }
        return isDocker ? .dockerArchive : .rootfsTar
    }
}

extension ImportFormat {
    fileprivate func source(_ path: FilePath) -> ImageSource {
        switch self {
        case .ociArchive: .ociArchive(path)
        case .dockerArchive: .dockerArchive(path)
        case .rootfsTar: .rootfs(path)
        }
    }
}
