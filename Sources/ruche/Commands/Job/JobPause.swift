import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

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
        try await context.withClient { client in
            for id in ids {
                let job = try await client.pauseJob(id)
                try context.output.jsonLine(job)
                context.output.quiet(id.description)
                context.output.line("\(id)  \(job.state.rawValue)")
            }
        }
    }
}
