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
            With a key made for this instance alone, and its host key known beforehand. In a container the command is run \
            by the engine's own program (docker, podman, lxc, runc); without one, sh. Ends with the exit code of the command. \
            Works on the server's machine only.

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
        guard found.folder != nil else {
            throw RucheError(
                .unsupported,
                "one gets into \(found.name) on the server's machine only: use this command there"
                    + (found.capabilities?.contains("container") == true
                        ? "" : ", or publish port 22 with a key of your own in --user-data"))
        }
        guard found.state.mayRun else {
            throw RucheError(.invalidState, "\(found.name) is \(found.state.rawValue): start it first")
        }
        let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        try await context.runHere(try words(found, isTerminal: isTerminal))
    }

    /// The program to run, with its arguments.
    private func words(_ found: InstanceDocument, isTerminal: Bool) throws -> [String] {
        if let entrance = found.entrance {
            guard Tool.find(entrance.program[0]) != nil else { throw Tool.missing(entrance.program[0]) }
            return entrance.words(command, user: user, isTerminal: isTerminal)
        }
        guard let port = found.sshPort, let folder = found.folder else {
            throw RucheError(
                .unsupported,
                "\(found.name) takes no logins (engine \(found.engine)): \"ruche instance logs\" shows "
                    + "what it writes", details: ["engine": found.engine])
        }
        try Tool.require(.ssh)
        let shell = SecureShell(
            folder: folder, alias: SecureShell.alias(found.id), port: port, user: user ?? found.user ?? "root")
        let options = command.isEmpty || !isTerminal ? [] : ["-t"]
        return [Tool.ssh.name]
            + shell.arguments(isPinned: found.isPinned == true, options: options, command: Self.quoted(command))
    }

    /// One word with blanks is for the shell over there; several are taken as they are.
    static func quoted(_ command: [String]) -> [String] {
        command.count < 2 ? command : command.map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }
    }
}
