import ArgumentParser
import Glibc
import RucheClient
import RucheCore
import RucheHost
import RucheWire
import SystemPackage

struct InstanceConsole: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Type at the console of an instance.",
        discussion: """
            Ctrl-] leaves it, or Ctrl-a q that of a machine of LXD. Containers have none: "ruche instance logs" shows \
            what they write. Where standard input is no terminal, and for a server elsewhere, what the console says is \
            printed until the instance ends.

            Example:
              ruche instance console hub
            """)

    @Argument(help: "The instance.")
    var instance: String

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let found = try await context.withClient { try await InstanceTarget.find(instance, $0) }
        guard found.state.mayRun else {
            throw RucheError(.invalidState, "\(found.name) is \(found.state.rawValue): start it first")
        }
        guard found.capabilities?.contains("console") != false else {
            throw RucheError(
                .unsupported,
                "the engine \(found.engine) has no console that one can type at: "
                    + "\"ruche instance logs --follow \(found.name)\" shows what it writes",
                details: ["engine": found.engine])
        }
        if let folder = found.folder, isatty(STDIN_FILENO) == 1 {
            context.output.note("console of \(found.name); \(found.console?.leaveKeys ?? "Ctrl-]") leaves it")
            guard let program = found.console?.program else {
                return try ConsoleTerminal.attach(folder: FilePath(folder))
            }
            return try await context.runHere(program)
        }
        let printer = ConsolePrinter(output: context.output)
        try await context.withClient { client in
            try await client.instanceConsole(found.id, tail: 24, follow: true) { printer.take($0) }
        }
        printer.finish()
    }
}
