import ArgumentParser
import RucheClient
import RucheCore

struct FileList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List files, newest first.",
        discussion: """
            Examples:
              ruche file list
              ruche file list --name genome.fa --json
            """)

    @Flag(name: [.short, .long], help: "All of them, not only the newest 50.")
    var all = false

    @Option(help: "Only files of this name.")
    var name: String?

    @Option(help: "Only files of this owner.")
    var owner: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        var selection = APIClient.FileSelection()
        selection.name = name
        selection.owner = owner
        let wanted = selection
        let files = try await context.withClient { try await $0.files(wanted, limit: all ? nil : 50) }
        if files.isEmpty, context.output.format == .text {
            context.output.note("no files; \"ruche file upload FILE\" brings one")
        } else {
            try context.output.list(files, now: context.now())
        }
    }
}
