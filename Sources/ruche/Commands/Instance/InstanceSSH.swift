import ArgumentParser
import Glibc
import RucheClient
import RucheCore
import RucheHost
import RucheWire

struct InstanceSSH: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh",
        abstract: "Log in to an instance, or run one command there.",
        discussion: """
            With a key made for this instance alone, and its host key known beforehand. Ends with the exit code of the \
            command. Works on the server's machine only.

            Examples:
              ruche instance ssh hub
              ruche instance ssh hub -- systemctl is-system-running
            """)

    @Argument(help: "The instance.")
    var instance: String

    @Option(help: "Log in as somebody else.")
    var user: String?

    @Argument(parsing: .postTerminator, help: "The command, after \"--\".")
    var command: [String] = []

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let found = try await context.withClient { try await InstanceTarget.find(instance, $0) }
        guard let folder = found.folder else {
            throw RucheError(
                .unsupported,
                "the key of \(found.name) is on the server's machine: use this command there, or publish "
                    + "port 22 with a key of your own in --user-data")
        }
        guard let port = found.sshPort, found.state.mayRun else {
            throw RucheError(
                .invalidState,
                "\(found.name) is \(found.state.rawValue)"
                    + (found.state.mayRun ? " and takes no logins" : ": start it first"))
        }
        try Tool.require(.ssh)
        let shell = SecureShell(
            folder: folder, alias: SecureShell.alias(found.id), port: port, user: user ?? found.user ?? "root")
        let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        let options = command.isEmpty || !isTerminal ? [] : ["-t"]
        var ssh = Command(
            Tool.ssh.name,
            shell.arguments(isPinned: found.isPinned == true, options: options, command: Self.quoted(command)))
        for name in ["TERM", "HOME"] { ssh.environment[name] = context.environment[name] }
        ssh.output = .inherited
        let status = try await SystemCommandRunner().run(ssh, onLine: nil)
        if !status.status.isSuccess { throw ProgramExit(code: Int32(status.status.shellCode)) }
    }

    /// One word with blanks is for the shell over there; several are taken as they are.
    static func quoted(_ command: [String]) -> [String] {
        command.count < 2 ? command : command.map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }
    }
}
