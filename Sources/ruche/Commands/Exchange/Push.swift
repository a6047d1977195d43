import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct Push: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send releases to another site, whole: every variant, recipe, lock, SBOM.",
        discussion: """
            A release keeps its digest. Only blobs that the other side lacks travel, several at a time; what breaks \
            off, or is killed, goes on where it was when the same command is given again. An environment that is \
            new there is private until it is made public.

            Examples:
              ruche push lab/variant-calling:1.0.0 https://ruche.example.org
              ruche push --all lab/variant-calling institute
            """)

    @Argument(help: "owner/name[:version]; the newest without a version.", transform: Arguments.release)
    var release: ReleaseReference

    @OptionGroup var other: OtherSite

    @Flag(help: "All releases that stand.")
    var all = false

    @Flag(help: "Make an environment that is new there public.")
    var `public` = false

    @Option(help: ArgumentHelp("Blobs that travel at a time.", valueName: "number"))
    var parallel = 4

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        guard (1...64).contains(parallel) else { throw ValidationError("--parallel is a number from 1 to 64") }
        guard !all || (release.selector == nil && release.digest == nil) else {
            throw ValidationError("--all takes owner/name without a version")
        }
    }

    func run(_ context: CommandContext) async throws {
        let connection = try other.connection(context)
        let visibility: Visibility = `public` ? .public : .private
        try await context.withClient { local in
            try await connection.withClient { remote in
                var copying = Copying(source: local, target: remote, output: context.output)
                copying.width = parallel
                for reference in try await Copying.releases(release, all: all, local) {
                    let outcome = try await copying.copy(reference, "sending") { document in
                        document.environment = document.environment ?? EnvironmentRequest()
                        document.environment?.visibility = visibility
                    }
                    try Copying.tell(outcome, "sent", context.output)
                }
            }
        }
    }
}
