import ArgumentParser
import RucheClient
import RucheCore
import RucheWire
import SystemPackage

struct BundleCreate: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Write releases into one file.",
        discussion: """
            The file is a tar, the same bytes whenever the releases are the same, with each blob once.

            Examples:
              ruche bundle create lab/variant-calling:1.0.0 lab/annotation:2.1.0 -o /media/disk/lab.bundle
            """)

    @Argument(help: "owner/name[:version]; the newest without a version.", transform: Arguments.release)
    var releases: [ReleaseReference]

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The file, which must not be there.", valueName: "file"),
        completion: .file())
    var output: String

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let path = context.environment.absolute(output)
        let meter = Meter("writing \(path.lastComponent?.string ?? output)", unit: .bytes)
        let references = releases
        let document = try await context.withClient { client in
            try await meter.show(on: context.output) {
                try await BundleWriter(client).write(references, to: path) { meter.set($0, of: $1) }
            }
        }
        let names = document.releases.map { "\($0.name):\($0.version)" }
        context.output.quiet(path.string)
        try context.output.json(["file": [path.string], "releases": names])
        context.output.line("wrote \(names.joined(separator: ", ")) to \(path)")
    }
}
