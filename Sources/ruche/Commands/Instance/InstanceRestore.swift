import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct InstanceRestore: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Give an instance the disk of a snapshot.",
        discussion: """
            What was written since is lost. One that runs is ended for it, and stays stopped.

            Example:
              ruche instance restore hub before-upgrade
            """)

    @Argument(help: "The instance.")
    var instance: String

    @Argument(help: "The snapshot's name.")
    var name: String

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let changed = try await context.withClient { client in
            try await client.restoreInstance(try await InstanceTarget.find(instance, client).id, to: name)
        }
        try context.output.json(changed)
        context.output.quiet(changed.id.description)
        context.output.line("\(changed.name) has the disk of \(name), and is \(changed.state.rawValue)")
    }
}
