import ArgumentParser
import RucheCore
import RucheHost
import RucheWorkbench
import SystemPackage

struct PipelineNew: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a workbench: a container in which a pipeline is put together.",
        discussion: """
            Makes the folders of the contract in it, and a folder NAME with a recipe, a form and a sample script to \
            begin with. A folder that exists is left as it is.

            Examples:
              ruche pipeline new calling --from debian:bookworm
              ruche pipeline new calling --from lab/base:1.2.0 --engine docker
              ruche pipeline new calling --from tar:rootfs.tar.xz --inputs /data/in --outputs /data/out
            """)

    @Argument(help: "A name: lower-case letters, digits and hyphens.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "debian:SUITE, owner/name[:version], oci:PATH, docker-archive:PATH or tar:PATH.", valueName: "base"))
    var from: String

    @Option(
        help: ArgumentHelp("oci-runtime, docker, podman or lxd.", valueName: "engine"),
        transform: { text in
            guard let kind = WorkbenchKind(rawValue: text) else {
                throw ValidationError("\"\(text)\" is no engine: write oci-runtime, docker, podman or lxd")
            }
            return kind
        })
    var engine: WorkbenchKind = .ociRuntime

    @OptionGroup(title: "Folders in the container") var folders: PipelineFolderOptions

    @Option(help: ArgumentHelp("Folder for the pipeline's own files; NAME when not given.", valueName: "dir"))
    var project: String?

    @Option(help: "Network of the container, as its engine names it (docker, podman).")
    var network: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let folders = folders.value
        try folders.check()
        let store = try Workbenches.store(context)
        try store.requireNew(name)
        try await store.clearUp()
        let base = try BaseImage(from, context.environment)
        let project = context.environment.absolute(project ?? name)
        let record = WorkbenchRecord(
            name: name, kind: engine, from: from, created: context.now(), folders: folders, project: project.string,
            network: network)
        let made = try await context.withClient { client in
            try await base.with(for: engine, name: name, client, context) { image in
                try await store.create(record, from: image).record
            }
        }
        let starter = StarterFolder(record: made, folder: project)
        let isNew = try starter.write()
        try context.output.json(made)
        context.output.quiet(made.name)
        context.output.line("workbench \(made.name) (\(made.kind.rawValue), from \(made.from))", .bold)
        context.output.line("\(isNew ? "wrote" : "left as it is:") \(project)")
    }
}
