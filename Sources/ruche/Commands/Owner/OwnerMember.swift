import ArgumentParser
import RucheClient
import RucheCore

struct OwnerMember: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "member",
        abstract: "Give a user a role with an owner, or take it away.",
        discussion: """
            Examples:
              ruche owner member lab ada --role publisher
              ruche owner member lab ada --remove
            """)

    @Argument(help: "The owner's name.", transform: Arguments.owner)
    var owner: OwnerName

    @Argument(help: "The user's name.", transform: Arguments.owner)
    var user: OwnerName

    @Option(help: "reader, runner, publisher or admin.", transform: Arguments.role)
    var role: Role?

    @Flag(help: "Take the role away.")
    var remove = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        guard remove != (role != nil) else { throw ValidationError("give --role or --remove") }
    }

    func run(_ context: CommandContext) async throws {
        try await context.withClient { client in
            if let role {
                try await client.setRole(role, of: user, with: owner)
            } else {
                try await client.removeMember(user, of: owner)
            }
        }
        context.output.quiet("\(user)")
        try context.output.json(["owner": "\(owner)", "user": "\(user)", "role": role?.rawValue])
        context.output.line(role.map { "\(user) is \($0.rawValue) of \(owner)" } ?? "\(user) is no member of \(owner)")
    }
}
