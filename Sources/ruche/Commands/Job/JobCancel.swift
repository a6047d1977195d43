import ArgumentParser
import RucheClient
import RucheCore

struct JobCancel: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "End jobs: TERM first, KILL to those that do not go.",
        discussion: """
            Example:
              ruche job cancel 01hxyzabcdefghjkmnpqrstvwx
            """)

    @Argument(help: "The jobs.", transform: Arguments.identifier)
    var ids: [Identifier]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await JobSteering.each(ids, context) { try await $0.cancelJob($1) }
    }
}
