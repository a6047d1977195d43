import ArgumentParser
import Glibc
import RucheHost
import RucheWorkbench

struct PipelineShell: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell",
        abstract: "Work in a workbench: a shell, or one command.",
        discussion: """
            It has the network of this machine, to install what the pipeline needs. Ends with the exit code of the \
            command.

            Examples:
              ruche pipeline shell calling
              ruche pipeline shell calling -- apt-get install -y curl
              ruche pipeline shell calling --user nobody -- id
            """)

    @Argument(help: "The workbench.")
    var name: String

    @Option(help: "Who the command runs as: a name or number, with :group.")
    var user: String?

    @Option(parsing: .singleValue, help: ArgumentHelp("A variable; may be given again.", valueName: "name=value"))
    var env: [String] = []

    @Flag(help: "Without a network.")
    var offline = false

    @Argument(parsing: .postTerminator, help: "The command, after \"--\".")
    var command: [String] = []

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        for pair in env where !pair.contains("=") || pair.hasPrefix("=") {
            throw ValidationError("\"\(pair)\" sets no variable: write --env NAME=VALUE")
        }
    }

    func run(_ context: CommandContext) async throws {
        let workbench = try await Workbenches.open(name, context)
        let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        let login = ["/bin/sh", "-c", "if [ -x /bin/bash ]; then exec /bin/bash -l; else exec /bin/sh -l; fi"]
        var wanted = WorkbenchCommand(
            command.isEmpty ? login : command, .inherited(isTerminal: isTerminal))
        wanted.user = user
        wanted.hasNetwork = !offline
        if isTerminal, let term = context.environment["TERM"] { wanted.environment["TERM"] = term }
        for pair in env {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            wanted.environment[String(parts[0])] = String(parts[1])
        }
        let status = try await workbench.run(wanted)
        if !status.isSuccess { throw ProgramExit(code: Int32(status.shellCode)) }
    }
}
