import RucheCore
import RucheHost
import SystemPackage

/// Writes the disk of a release in any format, and as an appliance.
struct DiskExporter {
    let store: any ContentStore
    let runner: any CommandRunning
    let architecture: String

    /// The release's own file where it has one of the format, else made from another disk of it. Throws `not_found` when
    /// the release has no disk for the architecture.
    func export(_ release: Release, as format: DiskFormat, to path: FilePath) async throws {
        let source = try await source(of: release, for: format)
        if source.format == format { return try await copy(source.blob, to: path) }
        try await TemporaryDirectory.with(in: path.removingLastComponent(), prefix: ".disk") { folder in
            try AtomicFile.rename(try await convert(source, to: format, in: folder).file, to: path)
        }
    }

    /// The release's own appliance, else one that is made around its disk, with the hardware that its recipe names.
    func exportAppliance(_ release: Release, _ hardware: MachineHardware?, to path: FilePath) async throws {
        if let descriptor = release.variant(artifactType: MediaType.ova, architecture: architecture),
            let file = try await store.document(Manifest.self, descriptor.digest).layers.first
        {
            return try await copy(file.digest, to: path)
        }
        let source = try await source(of: release, for: .vmdk)
        var disk = source
        if source.format != .vmdk {
            disk.format = .vmdk
            let blob = try await TemporaryDirectory.with(in: path.removingLastComponent(), prefix: ".disk") { folder in
                try await store.take(try await convert(source, to: .vmdk, in: folder))
            }
            (disk.blob, disk.size) = (blob.digest, blob.size.bytes)
        }
        let hardware =
            hardware
            ?? MachineHardware(
                name: release.name.name, cpus: 1, memory: ByteCount(1 << 30), architecture: architecture)
        let package = MachinePackage(store: store, hardware: hardware, time: release.publishedAt)
        let appliance = try await package.appliance(disk)
        guard let file = try await store.document(Manifest.self, appliance.digest).layers.first else { return }
        // What was made for this alone goes with the next garbage collection.
        try await copy(file.digest, to: path)
    }

    private func source(of release: Release, for format: DiskFormat) async throws -> DiskVariant {
        let disks = try await release.disks(architecture: architecture, in: store)
        let wanted = [format, .qcow2].lazy.compactMap { format in disks.first { $0.format == format } }.first
        guard let disk = wanted ?? disks.first else {
            throw RucheError(
                .notFound,
                "\(release.name):\(release.version) has no disk for \(architecture): add \"qcow2\" to the recipe's variants"
            )
        }
        return disk
    }

    private func convert(_ disk: DiskVariant, to format: DiskFormat, in folder: FilePath) async throws
        -> DiskConverter.Image
    {
        try await store.withFile(disk.blob) { file in
            try await DiskConverter(runner: runner).convert(
                file, from: disk.format, to: format, in: folder, identity: disk.blob)
        }
    }

    private func copy(_ blob: Digest, to path: FilePath) async throws {
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        do {
            var writer = SparseWriter(file)
            for try await bytes in try await store.stream(blob, offset: 0, length: nil) {
                try bytes.withUnsafeBytes { try writer.write($0) }
            }
            try writer.finish()
        } catch {
            try? file.close()  // the error above is the one to report
            throw error
        }
        try file.close()
    }
}
