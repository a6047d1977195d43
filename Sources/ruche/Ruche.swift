import ArgumentParser
import Glibc

/// The root of all commands.
struct Ruche: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "ruche",
        abstract: "Build, catalogue and run scientific software environments.",
        discussion: """
            A recipe (ruche.yaml) becomes an immutable release in a catalogue; pipelines run in it, isolated, \
            with a record of what made their results.

            Examples:
              ruche check examples/variant-calling
              ruche build examples/variant-calling
              ruche run lab/variant-calling --input genome.fa reads_*.fq -o results
              ruche release export lab/variant-calling --format oci-archive -o vc.tar
              ruche --version
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Environments",
                subcommands: [Check.self, Build.self, Search.self, Environment.self, Image.self]),
            CommandGroup(
                name: "Other sites",
                subcommands: [
                    Push.self, Pull.self, Mirror.self, BundleGroup.self, ImportGroup.self, ExportGroup.self,
                ]),
            CommandGroup(
                name: "Jobs",
                subcommands: [Run.self, Job.self, Queue.self, FileGroup.self, DatabaseGroup.self, Pipeline.self]),
            CommandGroup(name: "Instances", subcommands: [Up.self, InstanceGroup.self]),
            CommandGroup(
                name: "Accounts", subcommands: [User.self, Owner.self, Token.self, Login.self, Logout.self, Setup.self]),
            CommandGroup(
                name: "The data directory and the server",
                subcommands: [
                    GarbageCollect.self, Verify.self, Scrub.self, Space.self, Catalogue.self, Serve.self,
                    EngineGroup.self, Config.self,
                    WebhookGroup.self,
                    Completion.self, Reference.self,
                ]),
        ])
}

/// The program: parses, runs, and turns what was thrown into an exit status.
@main
enum Program {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let environment = ProcessEnvironment.current()
        do {
            try Logs.start(isServer: arguments.first == Serve._commandName, environment)
        } catch {
            ErrorReport.write(error, to: CommandContext.output(GlobalOptions(), environment))
            exit(ExitClass(error).rawValue)
        }
        exit(await run(arguments).rawValue)
    }

    static func run(_ arguments: [String]) async -> ExitClass {
        // Not the parser's: an option of the root is taken from every command, also where it has a value.
        if arguments.first == "--version" {
            StandardStream.write("\(Ruche.version)\n", to: STDOUT_FILENO)
            return .success
        }
        var command: any ParsableCommand
        let arguments = LockedOption.rewrite(LeadingOptions.rewrite(arguments))
        do { command = try Ruche.parseAsRoot(arguments) } catch { return UsageReport.write(error, arguments) }
        let global = (command as? any RucheCommand)?.global
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .success
        } catch let error where Ruche.exitCode(for: error) == .success || error is ValidationError {
            return UsageReport.write(error, arguments)
        } catch let program as ProgramExit {
            exit(program.code)
        } catch let code as ExitCode {
            return ExitClass(code)
        } catch {
            let environment = ProcessEnvironment.current()
            ErrorReport.write(error, to: CommandContext.output(global ?? GlobalOptions(), environment))
            return ExitClass(error)
        }
    }
}
