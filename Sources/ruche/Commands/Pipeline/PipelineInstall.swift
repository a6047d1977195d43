import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import RucheWire
import SystemPackage

struct PipelineInstall: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Install a package as a pipeline of the catalogue.",
        discussion: """
            Installing the same package again changes nothing; another one under the same version is refused. A \
            Dockerfile is built by the builder that the operator chose (docker_builder), without network unless \
            the operator allows it (docker_builder_network).

            Examples:
              ruche pipeline install MyPipeline_v1.0.zip --owner lab
              ruche pipeline install lxc_image.tar.gz
              ruche pipeline install MyPipeline/
              ruche pipeline install lab/variant-calling:1.0.0
              ruche pipeline install variant-calling.oci.tar
            """)

    @Argument(
        help: "A package, the folder of one, or a pipeline of the catalogue (owner/name[:version]).",
        completion: .file())
    var file: String

    @Option(help: "The owner of a pipeline whose name has none.")
    var owner: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws { if let owner { try PipelineOwner.validate(owner) } }

    func run(_ context: CommandContext) async throws {
        let path = context.environment.absolute(file)
        let installed: InstalledPipelineDocument
        if !FileTree.exists(path), let reference = try? ReleaseReference(parsing: file) {
            // Not a path: a name, which must be a pipeline's.
            installed = try await context.withClient { client in
                try await finish(try await client.installPipeline(reference), client, context)
            }
        } else if FileTree.isFolder(path) {
            installed = try await installFolder(path, context)
        } else {
            installed = try await install(path, title: path.lastComponent?.string ?? file, context)
        }
        try context.output.json(installed)
        context.output.quiet(installed.release)
        for finding in installed.findings { context.output.line("\(finding)", .dim) }
        context.output.line(
            installed.isNew ? "installed \(installed.release)" : "\(installed.release) was installed before", .green)
    }

    /// As a tar with sorted names and without times, so that the same folder is the same package.
    private func installFolder(_ folder: FilePath, _ context: CommandContext) async throws -> InstalledPipelineDocument
    {
        guard FileTree.exists(folder.appending(PackageContents.manifestName)) else {
            throw RucheError(
                .invalidInput,
                FileTree.exists(folder.appending(RecipeFolder.fileName))
                    ? "\(folder) is the folder of a recipe: \"ruche build \(file)\" makes it a pipeline of the catalogue"
                    : "\(folder) is no package: it has no \(PackageContents.manifestName)")
        }
        var archive = RecipeArchive(folder: folder)
        try archive.add(".")
        let packed = archive
        return try await TemporaryDirectory.with(in: context.environment.temporaryFolder, prefix: "ruche-install") {
            let package = $0.appending("package.tar")
            try packed.write(to: package, lock: nil)
            return try await install(package, title: folder.lastComponent?.string ?? file, context)
        }
    }

    private func install(
        _ path: FilePath, title: String, _ context: CommandContext
    ) async throws -> InstalledPipelineDocument {
        let meter = Meter("installing \(title)", unit: .bytes)
        let owner = owner
        return try await meter.show(on: context.output) {
            try await context.withClient { client in
                let upload = try Upload.file(path) { meter.set($0, of: $1) }
                return try await finish(
                    try await client.installPipeline(upload, owner: owner, title: title), client, context)
            }
        }
    }

    private func finish(
        _ operation: OperationDocument, _ client: APIClient, _ context: CommandContext
    ) async throws -> InstalledPipelineDocument {
        context.interrupts.onFirst { await OperationEnd.cancel(operation.id, client, context.output) }
        return try OperationEnd.result(of: try await client.finish(operation), as: InstalledPipelineDocument.self)
    }
}
