import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct InstanceStart: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start an instance again, and wait until it is healthy.",
        discussion: """
            Examples:
              ruche instance start hub
              ruche instance start hub --for 2h
            """)

    @Argument(help: "The instance.")
    var instance: String

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Stop it after this time; as before by default.", valueName: "time"),
        transform: Arguments.time)
    var lease: Int?

    @Flag(name: [.short, .long], help: "Return when it runs, and do not wait until it is ready.")
    var detach = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let follower = InstanceFollower(context: context)
        try await context.withClient { client in
            let found = try await InstanceTarget.find(instance, client)
            let started = try await client.startInstance(found.id, lease: lease)
            if detach || started.state == .ready { return try follower.report(started) }
            try await follower.untilReady(started, client)
        }
    }
}
