import ArgumentParser
import RucheClient
import RucheCore

struct ImageList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List releases.",
        discussion: """
            Examples:
              ruche release list
              ruche release list lab/variant-calling
              ruche release list --quiet
            """)

    @Argument(help: "Only releases of this environment (owner/name).")
    var name: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        if let name, EnvironmentName(name) == nil { throw ValidationError("\"\(name)\" is not an owner/name") }
    }

    func run(_ context: CommandContext) async throws {
        let releases = try await context.withClient { try await $0.releases(name: name) }
        if releases.isEmpty { context.output.note("no releases yet; \"ruche build DIR\" makes one") }
        if !releases.isEmpty || context.output.format == .json {
            try context.output.list(releases, now: context.now())
        }
    }
}
