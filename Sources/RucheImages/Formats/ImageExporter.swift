import Glibc
import RucheCore
package import RucheHost
package import SystemPackage

/// Writes a release's image to a path, in the formats that other tools read.
package struct ImageExporter: Sendable {
    private let store: any ContentStore
    private let layers: any LayerCache
    private let runner: any CommandRunning

    /// `layers` is used for `rootfs-tar` only, `runner` for disks.
    package init(store: any ContentStore, layers: any LayerCache, runner: any CommandRunning = SystemCommandRunner()) {
        self.store = store
        self.layers = layers
        self.runner = runner
    }

    /// Writes to a temporary name beside `path`, then renames: nothing half-written is ever at `path`.
    /// `hardware` is what an appliance asks for, where the release has none of its own.
    /// Throws `conflict` when `path` exists, `not_found` when the release has no such variant.
    package func export(
        _ release: Release, format: ExportFormat, architecture: String, hardware: MachineHardware? = nil,
        to path: FilePath
    ) async throws {
        guard !FileTree.exists(path) else { throw Self.exists(path) }
        let parent = path.removingLastComponent()
        guard parent.isEmpty || FileTree.isFolder(parent), let name = path.lastComponent?.string else {
            throw RucheError(.notFound, "the folder \"\(parent)\" to export to does not exist")
        }
        let temporary = parent.appending(".\(name).\(UInt64.random(in: .min ... .max)).partial")
        do {
            try await write(release, format, architecture, hardware, temporary)
            try DurableTree.moveWithoutReplacing(temporary, to: path)
        } catch {
            try? FileTree.remove(temporary)  // the error is the one to report
            guard let error = error as? Errno else { throw error }
            throw error == .fileExists ? Self.exists(path) : RucheError.storage(error, "export to", path)
        }
    }

    private func write(
        _ release: Release, _ format: ExportFormat, _ architecture: String, _ hardware: MachineHardware?,
        _ path: FilePath
    ) async throws {
        switch format {
        case .oci: try await writeLayout(release, architecture, try FolderTarget(path))
        case .ociArchive: try await writeLayout(release, architecture, try ArchiveTarget(path))
        case .dockerArchive: try await writeDocker(release, architecture, try ArchiveTarget(path), beside: path)
        case .lxd: try await writeLXD(release, architecture, try FolderTarget(path))
        case .rootfsTar: try await writeRoot(release, architecture, path)
        case .raw, .qcow2, .vmdk, .vdi, .vhdx, .ova:
            let exporter = DiskExporter(store: store, runner: runner, architecture: architecture)
            guard let disk = format.disk else { return try await exporter.exportAppliance(release, hardware, to: path) }
            try await exporter.export(release, as: disk, to: path)
        }
    }

    private func writeLayout(_ release: Release, _ architecture: String, _ target: any ExportTarget) async throws {
        var descriptor = try release.imageDescriptor(architecture: architecture)
        let manifest = try await store.document(Manifest.self, descriptor.digest)
        try await target.add("oci-layout", content: Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        descriptor.annotations = [Annotation.refName: release.version.description]
        // The release's own annotations go with it, so that another catalogue gets the pipeline, not just an image.
        var index = ImageIndex(manifests: [descriptor])
        index.annotations = release.index.annotations
        var blobs = [descriptor, manifest.config] + manifest.layers
        if let documents = release.referrers.first(where: { $0.artifactType == MediaType.documents }) {
            index.annotations?[Annotation.documents] = documents.digest.description
            let artifact = try await store.document(Manifest.self, documents.digest)
            blobs += [documents, artifact.config] + artifact.layers
        }
        try await target.add("index.json", content: try CanonicalJSON.encode(index))
        var written: Set<Digest> = []
        for blob in blobs where written.insert(blob.digest).inserted {
            try await add(blob, as: "blobs/sha256/\(blob.digest.hex)", target)
        }
        try target.finish()
    }

    private func add(_ blob: Descriptor, as path: String, _ target: any ExportTarget) async throws {
        let stream = try await store.stream(blob.digest, offset: 0, length: nil)
        try await target.add(path, size: blob.size, stream: stream)
    }

    private struct DockerItem: Encodable {
        var Config: String
        var RepoTags: [String]
        var Layers: [String]
    }

    private func writeDocker(
        _ release: Release, _ architecture: String, _ target: any ExportTarget, beside path: FilePath
    ) async throws {
        let descriptor = try release.imageDescriptor(architecture: architecture)
        let manifest = try await store.document(Manifest.self, descriptor.digest)
        let config = try await store.document(ImageConfig.self, manifest.config.digest)
        let names = config.rootfs.diff_ids.map { "\($0.dropFirst(7))/layer.tar" }
        let item = DockerItem(
            Config: "\(manifest.config.digest.hex).json", RepoTags: ["\(release.name):\(release.version)"],
            Layers: names)
        try await add(manifest.config, as: item.Config, target)
        var written: Set<String> = []
        for (layer, name) in zip(manifest.layers, names) where written.insert(name).inserted {
            if try layer.layerCompressions == [.none] {
                try await add(layer, as: name, target)
            } else {
                try await addDecompressed(layer, as: name, target, beside: path)
            }
        }
        try await target.add("manifest.json", content: try CanonicalJSON.encode([item]))
        try target.finish()
    }

    /// A tar header needs the size first, so the layer is unpacked to a temporary file.
    private func addDecompressed(
        _ layer: Descriptor, as name: String, _ target: any ExportTarget, beside path: FilePath
    ) async throws {
        let plain = FilePath(path.string + ".layer")
        defer { unlink(plain.string) }
        let size = try await store.withFile(layer.digest) { archive in
            let reader = try DecompressingReader(archive, compressions: try layer.layerCompressions)
            let file = try FileDescriptor.open(
                plain, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
            return try file.closeAfter {
                var size: Int64 = 0
                while let bytes = try reader.next() { size += Int64(try file.writeAll(bytes)) }
                return size
            }
        }
        let reader = try BlobFileReader(plain)
        try await target.add(name, size: size, stream: BlobStream(unfolding: { try reader.next() }))
    }

    private func writeLXD(_ release: Release, _ architecture: String, _ target: any ExportTarget) async throws {
        guard let descriptor = release.variant(artifactType: MediaType.lxd, architecture: architecture) else {
            throw RucheError(
                .notFound,
                "\(release.name):\(release.version) has no lxd variant for \(architecture): add \"lxd\" to the recipe's variants"
            )
        }
        for blob in try await store.document(Manifest.self, descriptor.digest).layers {
            guard let name = LXDVariant.fileNames[blob.mediaType] else { continue }
            try await add(blob, as: name, target)
        }
        try target.finish()
    }

    private func writeRoot(_ release: Release, _ architecture: String, _ path: FilePath) async throws {
        let descriptor = try release.imageDescriptor(architecture: architecture)
        let folders = try await ImageLayers(store: store).folders(of: descriptor, in: layers)
        try await LayerArchiver().writeMerged(
            folders, to: path, permissions: [.ownerReadWrite, .groupRead, .otherRead])
    }

    private static func exists(_ path: FilePath) -> RucheError {
        RucheError(
            .conflict, "\"\(path)\" exists already: remove it or choose another path", details: ["path": path.string])
    }
}
