import RucheCore
package import RucheHost
package import SystemPackage

/// Makes the LXD container variant of a release: an artifact of a metadata tarball and a squashfs of the same
/// files that the OCI image has. The same input gives the same digests.
package struct LXDVariant: Sendable {
    static let fileNames = [MediaType.lxdMetadata: "metadata.tar.xz", MediaType.squashfs: "rootfs.squashfs"]

    private let store: any ContentStore
    private let runner: any CommandRunning
    private let scratch: FilePath

    /// `scratch` is a folder for temporary files as large as the root file system.
    package init(store: any ContentStore, runner: any CommandRunning, scratch: FilePath) {
        self.store = store
        self.runner = runner
        self.scratch = scratch
    }

    /// From one folder, such as a mounted root. Times after `clampTime` (seconds since 1970) become that, and it
    /// is the creation date. Throws `missing_tool` without mksquashfs.
    package func make(root: FilePath, metadata: LXDMetadata, clampTime: Int64) async throws -> Descriptor {
        try await make(folders: [root], metadata: metadata, clampTime: clampTime)
    }

    /// From the folders of an image's layers, topmost first; nothing needs to be mounted.
    package func make(folders: [FilePath], metadata: LXDMetadata, clampTime: Int64) async throws -> Descriptor {
        try Tool.require(.mksquashfs)
        return try await TemporaryDirectory.with(in: scratch, prefix: "lxd") { work in
            let description = try await describe(metadata, clampTime, in: work)
            let squashfs = try await squash(folders, clampTime, in: work)
            let layers = [description, try await ingest(squashfs, MediaType.squashfs)]
            return try await ReleaseAssembler(store: store).artifact(
                type: MediaType.lxd, layers: layers, subject: nil,
                platform: Descriptor.Platform(architecture: metadata.architecture))
        }
    }

    /// Makes the virtual machine variant, of the same metadata and a qcow2 disk that the store has.
    package func makeMachine(
        _ disk: DiskVariant, package: MachinePackage, metadata: LXDMetadata, clampTime: Int64
    ) async throws -> Descriptor {
        try await TemporaryDirectory.with(in: scratch, prefix: "lxd") { work in
            try await package.lxdMachine(disk, metadata: try await describe(metadata, clampTime, in: work))
        }
    }

    private func describe(
        _ metadata: LXDMetadata, _ clampTime: Int64, in work: FilePath
    ) async throws -> Descriptor {
        let description = work.appending("metadata.tar.xz")
        let archive = try ArchiveWriter(description, compression: .xz)
        let entry = ArchiveEntry(
            path: Array("metadata.yaml".utf8), kind: .regular, permissions: 0o644, modified: clampTime)
        try archive.add(entry, content: try metadata.document(creationDate: clampTime))
        try archive.close()
        return try await ingest(description, MediaType.lxdMetadata)
    }

    /// Goes through a tar, because mksquashfs would take the times of the folders as they are, and would need a
    /// mount to see layers as one.
    private func squash(_ folders: [FilePath], _ clampTime: Int64, in work: FilePath) async throws -> FilePath {
        let tar = work.appending("rootfs.tar")
        let result = work.appending("rootfs.squashfs")
        let file = try FileDescriptor.open(
            tar, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
        do {
            try await LayerArchiver().writeMerged(folders, clampTime: clampTime) { try file.writeAll($0) }
        } catch {
            try? file.close()  // the error above is the one to report
            throw (error as? Errno).map { RucheError.storage($0, "write", tar) } ?? error
        }
        try file.close()
        // Also the time of the root folder, which -root-time leaves alone when the input is a tar.
        let environment = ["SOURCE_DATE_EPOCH": "\(max(0, clampTime))"]
        let arguments = [
            "-tar", "-noappend", "-comp", "zstd", "-Xcompression-level", "9", "-no-exports", "-no-progress", "-quiet",
            "-root-mode", "0755", "-root-uid", "0", "-root-gid", "0",
        ]
        let script = #"tar=$1 out=$2; shift 2; exec mksquashfs - "$out" "$@" < "$tar""#
        do {
            try await runner.runChecked(
                Command(
                    "/bin/sh", ["-c", script, "sh", tar.string, result.string] + arguments, environment: environment,
                    workingDirectory: work))
        } catch let failure as ProcessFailure {
            throw failure.error("the lxd variant can't be made", writingTo: work)
        }
        return result
    }

    private func ingest(_ path: FilePath, _ mediaType: String) async throws -> Descriptor {
        let blob = try await store.ingest(path)
        return Descriptor(
            mediaType: mediaType, digest: blob.digest, size: blob.size.bytes,
            annotations: Self.fileNames[mediaType].map { [Annotation.title: $0] })
    }
}
