import ArgumentParser
import RucheClient
import RucheCore

struct EnvironmentRemove: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove an environment that has no releases.",
        discussion: """
            Examples:
              ruche env remove lab/small
            """,
        aliases: ["rm"])

    @Argument(help: "owner/name", transform: Arguments.environment)
    var name: EnvironmentName

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await context.withClient { try await $0.removeEnvironment(name) }
        context.output.quiet("\(name)")
        try context.output.json(["removed": "\(name)"])
        context.output.line("removed \(name)")
    }
}
