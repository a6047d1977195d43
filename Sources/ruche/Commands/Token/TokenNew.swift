import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct TokenNew: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a token and show it, this once.",
        discussion: """
            The token is the only line on standard output.

            Examples:
              ruche token new laptop --expires 90d >token && chmod 600 token
              ruche token new sequencer --right read --right run --owner lab
              ruche token new robot --user ada
            """)

    @Argument(help: "What it is for.")
    var name: String

    @Option(
        help: "read, run, publish or administer; may be given again. All of them by default.",
        transform: Arguments.right)
    var right: [Right] = []

    @Option(help: "Only for things of this owner.", transform: Arguments.owner)
    var owner: OwnerName?

    @Option(help: ArgumentHelp("How long it is good for, such as 30d.", valueName: "time"), transform: Arguments.time)
    var expires: Int?

    @Option(help: "Whose token; for administrators.", transform: Arguments.owner)
    var user: OwnerName?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        var request = TokenRequest(name: name, rights: right.isEmpty ? Right.allCases : right)
        request.owner = owner
        request.user = user
        request.expiresAt = expires.map { context.now() + Int64($0) * 1000 }
        let wanted = request
        let token = try await context.withClient { try await $0.addToken(wanted) }
        try context.output.json(token)
        if context.output.format != .json { context.output.raw((token.token ?? "") + "\n") }
        context.output.note("token \(token.id) of \(token.user): it is never shown again")
    }
}
