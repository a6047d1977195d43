import ArgumentParser
import RucheClient
import RucheCore
import RucheWire
import SystemPackage

struct JobRerun: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerun",
        abstract: "Run a job again: same release, same inputs, same values.",
        discussion: """
            Says what is missing when an input or the release is no longer as the run record says.

            Examples:
              ruche job rerun 01hxyzabcdefghjkmnpqrstvwx
              ruche job rerun 01hxyzabcdefghjkmnpqrstvwx --output again
            """)

    @Argument(help: "The job.", transform: Arguments.identifier)
    var id: Identifier

    @OptionGroup var following: FollowOptions

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let folder = try following.folder(context.environment)
        try await context.withClient { client in
            try await following.follow(try await client.rerunJob(id), to: folder, client, context)
        }
    }
}
