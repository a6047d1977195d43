import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct UserChangeState: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Lock a user out, or let them in again. What they own stays.",
        discussion: """
            Sessions end at once, and tokens are refused until the user is let in again.

            Examples:
              ruche user disable ada
              ruche user disable ada --undo
            """)

    @Argument(help: "The user's name.", transform: Arguments.owner)
    var name: OwnerName

    @Flag(help: "Let the user in again.")
    var undo = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        var change = UserChange()
        change.disabled = !undo
        let wanted = change
        let user = try await context.withClient { try await $0.changeUser(name, wanted) }
        context.output.quiet("\(user.name)")
        try context.output.json(user)
        context.output.line("\(user.name) is \(user.disabled ? "disabled" : "active")")
    }
}
