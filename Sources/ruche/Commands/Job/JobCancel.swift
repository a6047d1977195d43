import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

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
        try await context.withClient { client in
            for id in ids {
                let job = try await client.cancelJob(id)
                try context.output.jsonLine(job)
                context.output.quiet(id.description)
                context.output.line("\(id)  \(job.state.rawValue)")
            }
        }
    }
}
