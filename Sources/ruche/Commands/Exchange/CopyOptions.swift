import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

/// Which releases go from one site to another, and how: what `push` and `pull` are told.
struct CopyOptions: ParsableArguments {
    @Argument(
        help: "owner/name[:version], or its ark:/… identifier; the newest without a version.",
        transform: Arguments.target)
    var release: CatalogueTarget

    @OptionGroup var other: OtherSite

    @Flag(help: "All releases that stand.")
    var all = false

    @Flag(help: "Make an environment that is new there public.")
    var `public` = false

    @Option(help: ArgumentHelp("Blobs that travel at a time.", valueName: "number"))
    var parallel = 4

    func validate() throws {
        guard (1...64).contains(parallel) else { throw ValidationError("--parallel is a number from 1 to 64") }
        if all, case .reference(let reference) = release { try Self.checkWhole(reference) }
    }

    /// `--all` and one version contradict each other.
    private static func checkWhole(_ reference: ReleaseReference) throws {
        guard reference.selector == nil, reference.digest == nil else {
            throw ValidationError("--all takes an environment, not one of its versions: \(reference)")
        }
    }

    /// Copies them between a site and the other one, in the direction that `ends` gives.
    func copy(
        _ context: CommandContext, doing verb: String, done: String,
        _ ends: @escaping @Sendable (_ local: APIClient, _ remote: APIClient) -> (source: APIClient, target: APIClient)
    ) async throws {
        let connection = try other.connection(context, implied: release.site)
        let visibility: Visibility = `public` ? .public : .private
        try await context.withClient { local in
            try await connection.withClient { remote in
                let (source, target) = ends(local, remote)
                var copying = Copying(source: source, target: target, output: context.output)
                copying.width = parallel
                // An identifier means something where the release comes from.
                let wanted = try await release.release(source)
                if all { try Self.checkWhole(wanted) }
                for reference in try await Copying.releases(wanted, all: all, source) {
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
