import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

/// Which releases go from one site to another, and how: what `push` and `pull` are told.
struct CopyOptions: ParsableArguments {
    @Argument(help: "owner/name[:version]; the newest without a version.", transform: Arguments.release)
    var release: ReleaseReference

    @OptionGroup var other: OtherSite

    @Flag(help: "All releases that stand.")
    var all = false

    @Flag(help: "Make an environment that is new there public.")
    var `public` = false

    @Option(help: ArgumentHelp("Blobs that travel at a time.", valueName: "number"))
    var parallel = 4

    func validate() throws {
        guard (1...64).contains(parallel) else { throw ValidationError("--parallel is a number from 1 to 64") }
        guard !all || (release.selector == nil && release.digest == nil) else {
            throw ValidationError("--all takes owner/name without a version")
        }
    }

    /// Copies them between a site and the other one, in the direction that `ends` gives.
    func copy(
        _ context: CommandContext, doing verb: String, done: String,
        _ ends: @escaping @Sendable (_ local: APIClient, _ remote: APIClient) -> (source: APIClient, target: APIClient)
    ) async throws {
        let connection = try other.connection(context)
        let visibility: Visibility = `public` ? .public : .private
        try await context.withClient { local in
            try await connection.withClient { remote in
                let (source, target) = ends(local, remote)
                var copying = Copying(source: source, target: target, output: context.output)
                copying.width = parallel
                for reference in try await Copying.releases(release, all: all, source) {
                    let outcome = try await copying.copy(reference, verb) { document in
                        document.environment = document.environment ?? EnvironmentRequest()
                        document.environment?.visibility = visibility
                    }
                    try Copying.tell(outcome, done, context.output)
                }
            }
        }
    }
}
