import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct InstanceLogs: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print what an instance wrote to its console.",
        discussion: """
            Examples:
              ruche instance logs hub
              ruche instance logs --follow --tail 20 hub
            """)

    @Argument(help: "The instance.")
    var instance: String

    @Flag(name: [.short, .long], help: "Go on until it has ended.")
    var follow = false

    @Option(help: ArgumentHelp("Only so many of the newest lines.", valueName: "number"))
    var tail: Int?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let printer = ConsolePrinter(output: context.output)
        try await context.withClient { client in
            let found = try await InstanceTarget.find(instance, client)
            try await client.instanceConsole(found.id, tail: tail, follow: follow) { printer.take($0) }
        }
        printer.finish()
    }
}
