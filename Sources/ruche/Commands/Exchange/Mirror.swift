import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct Mirror: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep a copy of what another site has of some owners or environments.",
        discussion: """
            New releases are fetched whole, what was revoked there is revoked here with its reason, and what people \
            say of an environment follows. The copy can be read as anything else, and is changed by nothing but this \
            command. What was removed there stays here.

            Examples:
              ruche mirror https://ruche.example.org lab
              ruche mirror institute lab/variant-calling genomics --every 1h
            """)

    @OptionGroup var other: OtherSite

    @Argument(help: "Owners, and environments as owner/name.")
    var wanted: [String]

    @Option(
        help: ArgumentHelp("Look again after so long, until TERM or Ctrl-C.", valueName: "time"),
        transform: Arguments.time)
    var every: Int?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        guard !wanted.isEmpty else { throw ValidationError("name an owner or an environment to keep a copy of") }
        for text in wanted {
            _ = text.contains("/") ? try Arguments.environment(text).description : try Arguments.owner(text).description
        }
    }

    func run(_ context: CommandContext) async throws {
        let connection = try other.connection(context)
        let selection = MirrorSelection(wanted)
        while true {
            do {
                try await context.withClient { local in
                    try await connection.withClient { remote in
                        let round = MirrorRound(
                            source: remote, target: local, site: "\(connection.address)", output: context.output)
                        try await round.run(selection)
                    }
                }
            } catch let error as RucheError where every != nil {
                context.output.warn("warning: \(error.message)", .yellow)
            }
            guard let every else { return }
            try await Task.sleep(for: .seconds(every))
        }
    }
}

/// Which environments a mirror keeps.
struct MirrorSelection: Sendable {
    private let wanted: Set<String>

    init(_ wanted: [String]) { self.wanted = Set(wanted) }

    func contains(_ name: EnvironmentName) -> Bool {
        wanted.contains(name.owner) || wanted.contains(name.description)
    }
}
