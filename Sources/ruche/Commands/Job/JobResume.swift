import ArgumentParser
import RucheClient
import RucheCore

struct JobResume: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let paused jobs go on.",
        discussion: """
            Example:
              ruche job resume 01hxyzabcdefghjkmnpqrstvwx
            """)

    @Argument(help: "The jobs.", transform: Arguments.identifier)
    var ids: [Identifier]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await JobSteering.each(ids, context) { try await $0.resumeJob($1) }
    }
}
