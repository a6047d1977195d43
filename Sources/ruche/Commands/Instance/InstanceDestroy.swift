import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct InstanceDestroy: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "End instances and remove all they wrote.",
        discussion: """
            Example:
              ruche instance destroy hub
            """,
        aliases: ["remove", "rm"])

    @Argument(help: "The instances.")
    var instances: [String]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await context.withClient { client in
            for name in instances {
                let found = try await InstanceTarget.find(name, client)
                try await client.destroyInstance(found.id)
                context.output.quiet(found.id.description)
                try context.output.jsonLine(["destroyed": found.id.description])
                context.output.line("destroyed instance \(found.name)")
            }
        }
    }
}
