import ArgumentParser
import RucheClient
import RucheCore

struct TokenRevoke: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Make a token worthless at once.",
        discussion: """
            Examples:
              ruche token revoke 01hxyzabcdefghjkmnpqrstvwx
            """)

    @Argument(help: "The token's identifier, as \"ruche token list\" shows it.", transform: Arguments.identifier)
    var id: Identifier

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await context.withClient { try await $0.revokeToken(id) }
        context.output.quiet("\(id)")
        try context.output.json(["token": "\(id)"])
        context.output.line("revoked the token \(id)")
    }
}
