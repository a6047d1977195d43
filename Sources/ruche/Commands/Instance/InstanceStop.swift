import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct InstanceStop: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Switch instances off; what they wrote stays.",
        discussion: """
            Presses a machine's power button and waits; one that does not go in 90 seconds is ended. A container gets its \
            stop signal (TERM), and 10 seconds.

            Examples:
              ruche instance stop hub
              ruche instance stop --now hub
            """)

    @Argument(help: "The instances.")
    var instances: [String]

    @Flag(help: "End them at once, as a loss of power would.")
    var now = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let follower = InstanceFollower(context: context)
        try await context.withClient { client in
            for name in instances {
                let found = try await InstanceTarget.find(name, client)
                let asked = try await client.stopInstance(found.id, now: now)
                try follower.report(try await follower.untilStopped(asked, client))
            }
        }
    }
}
