import ArgumentParser
import RucheClient
import RucheCore

struct ImageHistory: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show the layers of a release, lowest first, and what made them.",
        discussion: """
            Example:
              ruche release history lab/variant-calling:1.0.0
            """)

    @Argument(help: "owner/name[:version], or its identifier ark:/…", transform: Arguments.target)
    var release: CatalogueTarget

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let layers = try await context.withClient { client in
            try await client.history(try await client.exact(try await release.release(client)))
        }
        try context.output.list(layers, now: context.now())
    }
}
