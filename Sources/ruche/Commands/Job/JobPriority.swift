import ArgumentParser
import RucheClient
import RucheCore

struct JobPriority: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "priority",
        abstract: "Let jobs that wait start earlier or later.",
        discussion: """
            Example:
              ruche job priority --to 10 01hxyzabcdefghjkmnpqrstvwx
            """)

    @Argument(help: "The jobs.", transform: Arguments.identifier)
    var ids: [Identifier]

    @Option(parsing: .unconditional, help: "-100 to 100; more comes first.")
    var to: Int

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let priority = to
        try await JobSteering.each(ids, context) { try await $0.changeJob($1, priority: priority) }
    }
}
