import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct UserPassword: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "password",
        abstract: "Set a user's password. All sessions of the user end.",
        discussion: """
            Administrators need not know the one until now. With --password-stdin the new one is the first line of \
            standard input, and for oneself the one until now the second.

            Examples:
              ruche user password ada
              ruche user password ada --password-stdin <password.txt
            """)

    @Argument(help: "The user's name.", transform: Arguments.owner)
    var name: OwnerName

    @Flag(help: "Read passwords from standard input.")
    var passwordStdin = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let prompt = SecretPrompt(isStandardInput: passwordStdin)
        let password = try prompt.newPassword(of: "\(name)")
        try await context.withClient { client in
            let isAdministrator = try await client.me().siteRole == .admin
            let current = isAdministrator ? nil : try prompt.secret("current password: ")
            try await client.setPassword(PasswordRequest(password: password, current: current), of: name)
        }
        context.output.quiet("\(name)")
        try context.output.json(["user": "\(name)"])
        context.output.line("set the password of \(name)")
    }
}
