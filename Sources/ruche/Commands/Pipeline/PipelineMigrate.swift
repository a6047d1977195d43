import ArgumentParser
import RucheCore
import RucheHost
import SystemPackage

struct PipelineMigrate: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Write a recipe from an old package, with the files it needs beside it.",
        discussion: """
            An LXD image becomes the recipe's base as a tarball; a Dockerfile becomes steps. What could not be \
            carried over is told. Check the recipe before you build it.

            Examples:
              ruche pipeline migrate MyPipeline_v1.0.zip -o mypipeline
              ruche pipeline migrate lxc_image.tar.gz -o mypipeline --owner lab
            """)

    @Argument(help: "A package.", completion: .file())
    var file: String

    @Option(name: .shortAndLong, help: "A folder that does not exist.", completion: .directory)
    var output: String

    @Option(help: "The owner of a pipeline whose name has none.")
    var owner: String = PipelineOwner.standard

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws { try PipelineOwner.validate(owner) }

    func run(_ context: CommandContext) async throws {
        let target = context.environment.absolute(output)
        guard !FileTree.exists(target) else {
            throw RucheError(.conflict, "\(target) exists: name a folder that does not")
        }
        let reader = try PackageReader(context.environment.absolute(file), owner: owner)
        guard let manifest = reader.manifest, reader.errors.isEmpty else {
            guard !reader.errors.isEmpty else {
                throw RucheError(.invalidInput, "\(file) is a release already: its recipe is one of its documents")
            }
            throw RucheError(.invalidInput, "\(file) can't be migrated", problems: reader.errors)
        }
        var migration = PackageMigration(reader: reader, manifest: manifest)
        do { try migration.write(to: target) } catch {
            try? FileTree.remove(target)  // the first error is the one to report
            throw error
        }
        report(migration.losses, context.output)
    }

    private func report(_ losses: [String], _ output: Output) {
        // A problem here is a closed standard output, which ends the command anyway.
        try? output.json(["recipe": [self.output + "/ruche.yaml"], "losses": losses])
        output.quiet(self.output + "/ruche.yaml")
        for loss in losses { output.line("not carried over: \(loss)", .yellow) }
        output.line("wrote \(self.output)/ruche.yaml; \"ruche check \(self.output)\" checks it", .green)
    }
}
