import ArgumentParser
import RucheCore

struct Logout: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Forget the token for a server.",
        discussion: """
            The token stays good elsewhere; "ruche token revoke" ends it.

            Examples:
              ruche logout --server https://ruche.example.org
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let (server, file) = try Login.place(context)
        guard file.remove() else { throw RucheError(.notFound, "no token is kept for \(server)") }
        try context.output.json(["server": "\(server)"])
        context.output.line("forgot the token for \(server)")
    }
}
