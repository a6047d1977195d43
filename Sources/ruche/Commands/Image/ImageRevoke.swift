import ArgumentParser
import RucheClient
import RucheCore

struct ImageRevoke: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Withdraw a release: its record stays and says why, its bytes are given to nobody.",
        discussion: """
            Examples:
              ruche release revoke lab/variant-calling:1.0.0 --reason "wrong reference genome"
            """)

    @Argument(help: "owner/name:version", transform: Arguments.exactRelease)
    var release: ReleaseReference

    @Option(help: ArgumentHelp("Why, for who looks for it.", valueName: "text"))
    var reason: String

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await context.withClient { try await $0.revoke(release, reason: reason) }
        context.output.quiet("\(release)")
        try context.output.json(["revoked": "\(release)"])
        context.output.line("revoked \(release)")
    }
}
