import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct EnvironmentSet: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change what is said of an environment, and who may see it.",
        discussion: """
            What is not named stays as it is.

            Examples:
              ruche env set lab/variant-calling --public
              ruche env set lab/variant-calling --description README.md --license GPL-3.0-or-later --keyword genomics
            """)

    @Argument(help: "owner/name", transform: Arguments.environment)
    var name: EnvironmentName

    @OptionGroup var options: EnvironmentOptions
    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let request = try options.request(nil)
        guard request != EnvironmentRequest() else {
            throw RucheError(.invalidInput, "nothing is to be changed: name an option, such as --public or --summary")
        }
        try await context.withClient { try await $0.changeEnvironment(name, request) }.show(context)
    }
}
