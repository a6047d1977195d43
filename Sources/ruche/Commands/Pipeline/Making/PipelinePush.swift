import ArgumentParser
import RucheCore
import RucheWorkbench

struct PipelinePush: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Copy files and folders into a workbench.",
        discussion: """
            Permissions and times stay, owners become root. The last argument is the destination: a folder that exists \
            or ends with a slash takes everything; a single file may also be given another name.

            Examples:
              ruche pipeline push calling calling/job/* /pipeline/job/
              ruche pipeline push calling config.json /pipeline/inputs/config.json
              ruche pipeline push calling 'samples/*.fq' /pipeline/inputs/ --mode 0644
            """)

    @Argument(help: "The workbench.")
    var name: String

    @Argument(help: "Files, folders or patterns, then the destination.", completion: .file())
    var paths: [String]

    @Option(
        help: ArgumentHelp("Permissions of all files, such as 0755.", valueName: "mode"),
        transform: { text in
            guard let mode = UInt32(text, radix: 8), mode <= 0o777 else {
                throw ValidationError("\"\(text)\" are no permissions: write them as in 0755")
            }
            return mode
        })
    var mode: UInt32?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        guard paths.count >= 2 else { throw ValidationError("name the files, then the destination") }
    }

    func run(_ context: CommandContext) async throws {
        guard let destination = paths.last else { return }
        let files = try PushedFiles(paths.dropLast().map { context.environment.absolute($0) }, mode: mode)
        let workbench = try await Workbenches.open(name, context)
        let meter = Meter("copying into \(name)", unit: .bytes, total: files.bytes)
        try await meter.show(on: context.output) {
            try await WorkbenchFiles(workbench, temporary: context.environment.temporaryFolder)
                .push(files, to: destination) { meter.set($0) }
        }
        try context.output.json(Copied(files: files.files, bytes: files.bytes, destination: destination))
        for name in files.names { context.output.quiet(name) }
        context.output.line(
            "copied \(HumanText.count(files.files, "file")) (\(HumanText.size(files.bytes))) to \(name):\(destination)")
    }
}
