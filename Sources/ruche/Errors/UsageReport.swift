import ArgumentParser
import Glibc
import RucheCore

/// Tells what was wrong with the arguments, or gives the help that was asked for.
enum UsageReport {
    /// Help and versions go to standard output; what was wrong to standard error, as JSON when that was asked for.
    static func write(_ error: any Error, _ arguments: [String]) -> ExitClass {
        guard Ruche.exitCode(for: error) != .success else {
            StandardStream.write(Ruche.fullMessage(for: error) + "\n", to: STDOUT_FILENO)
            return .success
        }
        StandardStream.write(text(error, arguments), to: STDERR_FILENO)
        return .badInput
    }

    static func text(_ error: any Error, _ arguments: [String]) -> String {
        let message = unknownCommand(arguments) ?? Ruche.message(for: error)
        if arguments.prefix(while: { $0 != "--" }).contains("--json") {
            return ErrorReport.json(RucheError(.invalidInput, message)) + "\n"
        }
        if unknownCommand(arguments) != nil { return "error: \(message)\n" }
        let full = Ruche.fullMessage(for: error)
        // The parser's own prefix, written as in every other message.
        return (full.hasPrefix("Error:") ? "error:" + full.dropFirst(6) : full) + "\n"
    }

    /// What to say when the first word that should be a command is none.
    private static func unknownCommand(_ arguments: [String]) -> String? {
        var command: any ParsableCommand.Type = Ruche.self
        var path = "ruche"
        for word in arguments where word != "help" {
            let configuration = command.configuration
            let known = configuration.groupedSubcommands.flatMap { $0.subcommands } + configuration.ungroupedSubcommands
            guard !known.isEmpty, !word.hasPrefix("-") else { return nil }
            if let next = known.first(where: { $0._commandName == word || $0.configuration.aliases.contains(word) }) {
                command = next
                path += " " + word
                continue
            }
            let near = Spelling.nearest(
                word, among: known.filter { $0.configuration.shouldDisplay }.map { $0._commandName })
            return "there is no command \"\(path) \(word)\"" + (near.map { "; did you mean \"\(path) \($0)\"?" } ?? "")
                + " (\"\(path) --help\" lists them)"
        }
        return nil
    }
}
