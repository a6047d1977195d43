import RucheBuild
import RucheCore
package import RucheHost
package import RucheImages
import SystemPackage

extension ImageTools {
    /// The real formats over the stores of a data directory.
    package static func formats(
        content: FileContentStore, layers: FileLayerCache, releases: FileReleaseStore, architecture: String,
        runner: any CommandRunning
    ) -> ImageTools {
        let exporter = ImageExporter(store: content, layers: layers, runner: runner)
        let disks = DiskRelease(store: content, runner: runner)
        return ImageTools(
            export: { release, format, wanted, path in
                try await Self.export(release, format, wanted ?? architecture, to: path, by: exporter)
            },
            load: { path, format, name, version, report in
                let lease = try content.lease()
                defer { lease.end() }
                let format = try format ?? Self.format(of: path)
                if let kind = format.disk {
                    return try await disks.publish(path, kind, name, version, architecture, in: releases, report)
                }
                let importer = ImageImporter(store: content, cache: layers)
                let image = try await importer.importImage(try format.source(path), architecture: architecture)
                var manifest = image.manifest
                manifest.platform = .init(architecture: architecture)
                let (descriptor, index) = try await ReleaseAssembler(store: content).index(
                    name: name, version: version, manifests: [manifest])
                let release = Release(
                    name: name, version: version, digest: descriptor.digest, index: index, referrers: [],
                    publishedAt: SystemTime.milliseconds() / 1000)
                try await releases.publish(release)
                return ImportedRelease(release: release)
            },
            check: { release, target, flavour, folder, report in
                let lease = try content.lease()
                defer { lease.end() }
                return try await ReleaseTargetCheck(store: content, runner: runner).check(
                    release, target: target, flavour: flavour, architecture: architecture, in: folder, report)
            },
            compare: { old, new in
                try await ReleaseComparison(store: content).diff(from: old, to: new, architecture: architecture)
            },
            archive: { folder, target in try FolderArchive.write(folder, to: target) })
    }

    /// An appliance has the hardware that the recipe names; nothing else asks for a recipe that can be read.
    private static func export(
        _ release: Release, _ format: ExportFormat, _ architecture: String, to path: FilePath,
        by exporter: ImageExporter
    ) async throws {
        let recipe = format == .ova ? try ReleaseAnnotation.recipe(of: release) : nil
        let hardware = recipe.map { MachineHardware($0, architecture: architecture) }
        try await exporter.export(release, format: format, architecture: architecture, hardware: hardware, to: path)
    }

    /// Found out by the marks of the file, and by the names at the root of an archive, which each format prescribes.
    static func format(of path: FilePath) throws -> ImportFormat {
        if case .image(let disk)? = try DiskImporter.kind(of: path) {
            return ImportFormat(rawValue: disk.rawValue) ?? .raw
        }
        let reader = try ArchiveReader(path)
        var found = ImportFormat.rootfsTar
        while let entry = try reader.next() {
            let name = String(decoding: entry.path, as: UTF8.self)
            if let disk = DiskImporter.kind(ofArchiveWith: name) { return disk == .box ? .box : .ova }
            switch name.hasPrefix("./") ? String(name.dropFirst(2)) : name {
            case "oci-layout": return .ociArchive
            case "manifest.json": found = .dockerArchive
            default: break
            }
        }
        return found
    }
}

extension ImportFormat {
    /// Nil for what is no disk.
    fileprivate var disk: DiskImporter.Kind? {
        switch self {
        case .ociArchive, .dockerArchive, .rootfsTar: nil
        case .raw: .image(.raw)
        case .qcow2: .image(.qcow2)
        case .vmdk: .image(.vmdk)
        case .vdi: .image(.vdi)
        case .vhdx: .image(.vhdx)
        case .ova: .appliance
        case .box: .box
        }
    }

    fileprivate func source(_ path: FilePath) throws -> ImageSource {
        switch self {
        case .ociArchive: .ociArchive(path)
        case .dockerArchive: .dockerArchive(path)
        case .rootfsTar: .rootfs(path)
        default: throw RucheError(.internalError, "\(rawValue) is no container image")
        }
    }
}
