import ArgumentParser
import RucheClient
import RucheCore

struct UserRemove: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a user who owns nothing, with tokens and sessions.",
        discussion: """
            Examples:
              ruche user remove ada
            """)

    @Argument(help: "The user's name.", transform: Arguments.owner)
    var name: OwnerName

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await context.withClient { try await $0.removeUser(name) }
        context.output.quiet("\(name)")
        try context.output.json(["user": "\(name)"])
        context.output.line("removed the user \(name)")
    }
}
