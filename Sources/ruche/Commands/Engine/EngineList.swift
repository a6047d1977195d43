import ArgumentParser
import RucheClient

struct EngineList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the engines and what they can do.",
        discussion: """
            Example:
              ruche engine list
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try context.output.list(try await context.withClient { try await $0.engines() }, now: context.now())
    }
}
