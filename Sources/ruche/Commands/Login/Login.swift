import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct Login: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep a token for a server, so that commands use it.",
        discussion: """
            The token ("ruche token new" makes one) is asked for, checked with the server, and kept in a file that \
            only you may read. Commands with the same --server use it from then on.

            Examples:
              ruche login --server https://ruche.example.org
              ruche login --server https://ruche.example.org --token-stdin <token
            """)

    @Flag(help: "Read the token from standard input.")
    var tokenStdin = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let (server, file) = try Self.place(context)
        let token = try SecretPrompt(isStandardInput: tokenStdin).secret("token for \(server): ")
        guard token.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw RucheError(.invalidInput, "this is no token: it has characters that none has")
        }
        let me = try await RemoteConnection(
            address: server, token: token, authorities: try context.settings.authorities()
        ).withClient { try await $0.me() }
        try file.write(token)
        context.output.quiet(me.actor)
        try context.output.json(me)
        context.output.line("logged in to \(server) as \(me.actor); the token is in \(file.path)")
    }

    /// The server that was named, and where its token is kept.
    static func place(_ context: CommandContext) throws -> (ServerAddress, StoredToken) {
        guard let server = context.settings.server, !server.isLocal else {
            throw RucheError(.invalidInput, "name the server with --server or RUCHE_URL: the local one needs no token")
        }
        guard let file = StoredToken(server, context.environment) else {
            throw RucheError(.invalidInput, "there is no home folder to keep a token in: set HOME or XDG_CONFIG_HOME")
        }
        return (server, file)
    }
}
