import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import RucheWire

struct Setup: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the first administrator of a server.",
        discussion: """
            A server that listens on a network and has no administrator writes a code to a file of its data \
            directory, and names the file when it starts. The code works once. It and the password are asked for; \
            with --password-stdin the code is the first line of standard input and the password the second.

            Examples:
              ruche setup ada --server https://ruche.example.org
              ruche setup ada --code-file /var/lib/ruche/setup-code --password-stdin <password.txt
            """)

    @Argument(help: "The name: lower case, digits and single . _ -", transform: Arguments.owner)
    var name: OwnerName

    @Option(help: "The name for people.")
    var displayName: String?

    @Option(help: ArgumentHelp("Read the code from this file.", valueName: "path"), completion: .file())
    var codeFile: String?

    @Flag(help: "Read the password from standard input.")
    var passwordStdin = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let prompt = SecretPrompt(isStandardInput: passwordStdin)
        let code = try codeFile.map { try Self.code(in: $0, context) } ?? prompt.secret("set-up code: ")
        var request = SetupRequest(code: code, name: name, password: try prompt.newPassword(of: "\(name)"))
        request.displayName = displayName
        let made = request
        let user = try await context.withClient { try await $0.setUp(made) }
        context.output.quiet("\(user.name)")
        try context.output.json(user)
        context.output.line(
            "made the administrator \(user.name); log in with a token of theirs (\"ruche login --help\")")
    }

    private static func code(in file: String, _ context: CommandContext) throws -> String {
        let path = context.environment.absolute(file)
        do {
            return String(decoding: try AtomicFile.read(path, limit: 4096), as: UTF8.self).filter { !$0.isWhitespace }
        } catch {
            throw RucheError(.invalidInput, "can't read the set-up code in \(path): \(error)", cause: error)
        }
    }
}
