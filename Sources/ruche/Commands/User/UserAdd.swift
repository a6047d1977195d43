import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct UserAdd: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a user.",
        discussion: """
            The user owns what is made under this name. The password is asked for, twice; a program gives it on \
            standard input. Without one the user can only use tokens.

            Examples:
              ruche user add ada
              ruche user add root-of-lab --site-role admin --password-stdin <password.txt
              ruche user add sequencer --no-password
            """)

    @Argument(help: "The name: lower case, digits and single . _ -", transform: Arguments.owner)
    var name: OwnerName

    @Option(help: "The name for people.")
    var displayName: String?

    @Option(help: "A role in everything on the site: reader, runner, publisher, admin.", transform: Arguments.role)
    var siteRole: Role?

    @Flag(help: "Read the password from standard input.")
    var passwordStdin = false

    @Flag(help: "Give no password.")
    var noPassword = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        var request = UserRequest(name: name)
        request.displayName = displayName
        request.siteRole = siteRole
        if !noPassword {
            request.password = try SecretPrompt(isStandardInput: passwordStdin).newPassword(of: "\(name)")
        }
        let made = request
        let user = try await context.withClient { try await $0.addUser(made) }
        context.output.quiet("\(user.name)")
        try context.output.json(user)
        context.output.line("added the user \(user.name)")
    }
}
