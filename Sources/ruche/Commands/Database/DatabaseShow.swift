import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct DatabaseShow: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a reference database.",
        discussion: """
            Example:
              ruche database show hg19
            """)

    @Argument(help: "NAME[:VERSION]", transform: Arguments.database)
    var database: DatabaseReference

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let found = try await context.withClient { try await $0.database(database) }
        try context.output.json(found)
        context.output.quiet(found.digest.description)
        context.output.fields([
            ("database", "\(found.name):\(found.version)"), ("digest", found.digest.description),
            ("files", "\(found.files)"), ("size", HumanText.size(found.size)),
            ("created", HumanText.timestamp(found.createdAt)),
        ])
    }
}
