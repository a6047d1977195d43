import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct UserShow: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a user.",
        discussion: """
            Examples:
              ruche user show ada
            """)

    @Argument(help: "The user's name.", transform: Arguments.owner)
    var name: OwnerName

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let user = try await context.withClient { try await $0.user(name) }
        context.output.quiet("\(user.name)")
        try context.output.json(user)
        context.output.fields([
            ("user", "\(user.name)"), ("name", user.displayName), ("site role", user.siteRole?.rawValue),
            ("state", user.disabled ? "disabled" : "active"),
            ("roles", user.roles.map { "\($0.key): \($0.value.rawValue)" }.sorted().joined(separator: ", ")),
        ])
    }
}
