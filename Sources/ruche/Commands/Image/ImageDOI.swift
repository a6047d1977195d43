import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct ImageDOI: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "doi",
        abstract: "Show the DOI of a release, or ask for one.",
        discussion: """
            A draft is known to the registration agency alone. A DOI that is published is for ever; it is registered in \
            the background, and kept up to date with what is said of the release.

            Examples:
              ruche release doi lab/variant-calling:1.0.0 --draft
              ruche release doi lab/variant-calling:1.0.0 --publish
              ruche release doi lab/variant-calling:1.0.0
            """)

    @Argument(help: "owner/name:version", transform: Arguments.exactRelease)
    var release: ReleaseReference

    @Flag(help: "Ask for a DOI that nobody is told yet.")
    var draft = false

    @Flag(help: "Ask for a DOI that everybody finds.")
    var publish = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        if draft, publish { throw ValidationError("--draft and --publish exclude each other") }
    }

    func run(_ context: CommandContext) async throws {
        let document = try await context.withClient { client in
            guard draft || publish else { return try await client.doi(of: release) }
            return try await client.requestDOI(of: release, state: publish ? "findable" : "draft")
        }
        try context.output.json(document)
        context.output.quiet(document.doi)
        context.output.fields([
            ("doi", document.doi), ("release", document.release), ("wanted", document.wanted),
            ("registered", document.state ?? "not yet"), ("failure", document.failure),
        ])
    }
}
