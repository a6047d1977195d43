import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct InstanceTakeSnapshot: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Keep an instance's disk as it is now.",
        discussion: """
            Of one that runs it is what a loss of power would have left: stop it first where that matters.

            Example:
              ruche instance snapshot hub before-upgrade
            """)

    @Argument(help: "The instance.")
    var instance: String

    @Argument(help: "The snapshot's name.")
    var name: String

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let changed = try await context.withClient { client in
            try await client.snapshotInstance(try await InstanceTarget.find(instance, client).id, as: name)
        }
        try context.output.json(changed)
        context.output.quiet(name)
        context.output.line("snapshot \(name) of \(changed.name)")
    }
}
