import ArgumentParser
import RucheClient
import RucheCore

struct OwnerRemove: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove an organisation that owns nothing.",
        discussion: """
            Examples:
              ruche owner remove lab
            """)

    @Argument(help: "The owner's name.", transform: Arguments.owner)
    var name: OwnerName

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await context.withClient { try await $0.removeOwner(name) }
        context.output.quiet("\(name)")
        try context.output.json(["owner": "\(name)"])
        context.output.line("removed the organisation \(name)")
    }
}
