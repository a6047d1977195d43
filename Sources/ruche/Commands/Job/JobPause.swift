import ArgumentParser
import RucheClient
import RucheCore

struct JobPause: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Stop jobs where they are; they go on with \"resume\".",
        discussion: """
            Example:
              ruche job pause 01hxyzabcdefghjkmnpqrstvwx
            """)

    @Argument(help: "The jobs.", transform: Arguments.identifier)
    var ids: [Identifier]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await JobSteering.each(ids, context) { try await $0.pauseJob($1) }
    }
}
