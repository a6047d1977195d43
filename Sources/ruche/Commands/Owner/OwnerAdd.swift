import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct OwnerAdd: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add an organisation.",
        discussion: """
            Examples:
              ruche owner add lab --display-name "Laboratory of genomics"
              ruche owner add core --share-releases
            """)

    @Argument(help: "The name: lower case, digits and single . _ -", transform: Arguments.owner)
    var name: OwnerName

    @Option(help: "The name for people.")
    var displayName: String?

    @Flag(help: "Let everybody with an account read its releases.")
    var shareReleases = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        var request = OwnerRequest(name: name)
        request.displayName = displayName
        request.sharesReleases = shareReleases
        let wanted = request
        let owner = try await context.withClient { try await $0.addOwner(wanted) }
        context.output.quiet("\(owner.name)")
        try context.output.json(owner)
        context.output.line("added the organisation \(owner.name)")
    }
}
