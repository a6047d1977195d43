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
              ruche pipeline install variant-calling.oci.tar
            """)

    @Argument(help: "A package, or a pipeline of the catalogue (owner/name[:version]).", completion: .file())
    var file: String

    @Option(help: "The owner of a pipeline whose name has none.")
    var owner: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws { if let owner { try PipelineOwner.validate(owner) } }

    func run(_ context: CommandContext) async throws {
        let path = context.environment.absolute(file)
        if !FileTree.exists(path), let reference = try? ReleaseReference(parsing: file) {
            // Not a path: a name, which must be a pipeline's.
            let pipeline = try await context.withClient { try await $0.pipeline(reference) }
            try context.output.json(["release": "\(pipeline.name):\(pipeline.version)", "isNew": "false"])
            context.output.quiet("\(pipeline.name):\(pipeline.version)")
            context.output.line("\(pipeline.name):\(pipeline.version) is in the catalogue")
            return
        }
        guard !FileTree.isFolder(path) else {
            throw RucheError(.invalidInput, "\(path) is a folder: pack it first (\"cd \(file) && zip -r ../x.zip .\")")
        }
        let installed = try await install(path, context)
        try context.output.json(installed)
        context.output.quiet(installed.release)
        for finding in installed.findings { context.output.line("\(finding)", .dim) }
        context.output.line(
            installed.isNew ? "installed \(installed.release)" : "\(installed.release) was installed before", .green)
    }

    private func install(_ path: FilePath, _ context: CommandContext) async throws -> InstalledPipelineDocument {
        let name = path.lastComponent?.string ?? file
        let meter = Meter("installing \(name)", unit: .bytes)
        let owner = owner
        let operation = try await meter.show(on: context.output) {
            try await context.withClient { client in
                let upload = try Upload.file(path) { meter.set($0, of: $1) }
                let operation = try await client.installPipeline(upload, owner: owner, title: name)
                context.interrupts.onFirst { await OperationEnd.cancel(operation.id, client, context.output) }
                return try await client.finish(operation)
            }
        }
        return try OperationEnd.result(of: operation, as: InstalledPipelineDocument.self)
    }
}
