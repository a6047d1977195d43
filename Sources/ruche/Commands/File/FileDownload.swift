import ArgumentParser
import RucheClient
import RucheCore
import RucheWire
import SystemPackage

struct FileDownload: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "download",
        abstract: "Fetch a file; its content is checked.",
        discussion: """
            Example:
              ruche file download 01hxyzabcdefghjkmnpqrstvwx -o genome.fa
            """)

    @Argument(help: "The file.", transform: Arguments.identifier)
    var id: Identifier

    @Option(
        name: [.short, .long], help: ArgumentHelp("Where to; its own name by default.", valueName: "path"),
        completion: .file())
    var output: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await context.withClient { client in
            let file = try await client.file(id)
            // A name of the site is a plain file name: it leads nowhere else.
            let target = context.environment.absolute(output ?? file.name)
            let meter = Meter("fetching \(file.name)", unit: .bytes, total: file.size)
            _ = try await meter.show(on: context.output) {
                try await client.downloadFile(file, to: target) { meter.set($0.received) }
            }
            try context.output.json(file)
            context.output.quiet(target.string)
            context.output.line("\(target)")
        }
    }
}
