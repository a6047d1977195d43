import ArgumentParser
import RucheCore
import RucheHost
import RucheWorkbench
import SystemPackage

struct PipelinePull: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Copy files and folders out of a workbench.",
        discussion: """
            The source may be a pattern. Nothing that exists is replaced without --force.

            Examples:
              ruche pipeline pull calling /pipeline/outputs results
              ruche pipeline pull calling '/pipeline/logs/*.log' .
            """)

    @Argument(help: "The workbench.")
    var name: String

    @Argument(help: "Absolute path or pattern in the workbench.")
    var source: String

    @Argument(help: "Where to: a folder that exists takes it under its own name.", completion: .file())
    var destination: String

    @Flag(help: "Replace files that exist.")
    var force = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let target = context.environment.absolute(destination)
        guard FileTree.isFolder(target) || FileTree.isFolder(target.removingLastComponent()) else {
            throw RucheError(.notFound, "there is no folder \(target.removingLastComponent()) to copy to")
        }
        let workbench = try await Workbenches.open(name, context)
        let files = WorkbenchFiles(workbench, temporary: context.environment.temporaryFolder)
        let copied = try await files.pull(source, to: target, overwrites: force)
        try context.output.json(Copied(files: copied.files, bytes: copied.bytes, destination: target.string))
        context.output.quiet(target.string)
        context.output.line(
            "copied \(HumanText.count(copied.files, "file")) (\(HumanText.size(copied.bytes))) to \(target)")
    }
}
