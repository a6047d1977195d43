import RucheCore
import RucheHost
import RucheImages

extension BuildFinisher {
    /// What is known of a disk that was not made here, as far as it could be read.
    func contents(of disk: DiskBase) async throws -> Contents {
        let packages = InstalledPackages(debian: disk.packages, python: [])
        let lock = makeLock(packages)
        if let wanted = request.lock { try LockComparison.check(lock, against: wanted) }
        let folder = try await ReleaseDocuments.recipeFolder(
            request.folder, clampTime: setting.clampTime, in: builder.store)
        let tools = await ToolVersions(cache: builder.configuration.cache, runner: builder.runner)
            .read([.packer, .qemuImage])
        return Contents(lock: lock, packages: packages, recipeFolder: folder, tools: tools)
    }

    /// The disk that Packer made, where no variant is that disk: without it the next variant would need Packer again.
    func original(of disk: DiskBase, _ assembler: ReleaseAssembler, subject: Descriptor) async throws -> [Descriptor] {
        guard !request.recipe.variants.contains(.qcow2) else { return [] }
        let file = Descriptor(
            mediaType: MediaType.diskFile, digest: disk.blob, size: disk.size,
            annotations: [Annotation.title: disk.variant.fileName])
        return [
            try await assembler.artifact(
                type: MediaType.disk, layers: [file], subject: subject,
                platform: Descriptor.Platform(architecture: disk.architecture))
        ]
    }
}
