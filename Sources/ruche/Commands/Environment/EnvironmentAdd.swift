import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct EnvironmentAdd: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Make an environment before it has any release.",
        discussion: """
            A build, an import or a push makes one as well.

            Examples:
              ruche env add lab/small --public --summary "The smallest machine"
            """)

    @Argument(help: "owner/name", transform: Arguments.environment)
    var name: EnvironmentName

    @OptionGroup var options: EnvironmentOptions
    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let request = try options.request(name)
        try await context.withClient { try await $0.addEnvironment(request) }.show(context)
    }
}
