import ArgumentParser
import RucheClient
import RucheCore

struct DatabaseRemove: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a version that no job uses.",
        discussion: """
            Example:
              ruche database remove hg19:2009
            """,
        aliases: ["rm"])

    @Argument(help: "NAME:VERSION", transform: Arguments.database)
    var database: DatabaseReference

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        guard database.version != nil else {
            throw RucheError(.invalidInput, "name the version to be removed: \(database.name):VERSION")
        }
        try await context.withClient { client in
            try await client.removeDatabase(try await client.database(database))
        }
        context.output.quiet(database.description)
        try context.output.jsonLine(["removed": database.description])
        context.output.line("removed database \(database)")
    }
}
