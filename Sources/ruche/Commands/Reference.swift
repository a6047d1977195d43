import ArgumentParser

/// Prints docs/cli.md, which a test compares with this.
struct Reference: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Print the reference of all commands as Markdown.", shouldDisplay: false)

    func run() throws { print(Self.text(), terminator: "") }

    static func text() -> String {
        var text = """
            # Commands of ruche

            Made from the program's own help by `make docs`.

            Results go to standard output, everything else to standard error. `--json` prints the documents of the \
            API, `--quiet` identifiers only. Colours and redrawn lines appear on a terminal only; `NO_COLOR`, \
            `--no-color` and `TERM=dumb` turn them off. Global options may also stand before the command.

            ## Exit statuses

            | status | meaning |
            |---|---|

            """
        for status in ExitClass.allCases { text += "| \(status.rawValue) | \(status.meaning) |\n" }
        text += """

            ## Configuration

            A flag wins over the environment, that over `$XDG_CONFIG_HOME/ruche/config.yaml`, that over \
            `/etc/ruche/ruche.yaml`. Unknown keys are errors. `ruche config show` prints what holds and why.

            | key | environment | meaning |
            |---|---|---|

            """
        for key in SettingKey.allCases { text += "| `\(key.rawValue)` | `\(key.environmentName)` | \(key.meaning) |\n" }
        text += """

            `RUCHE_LOG` is the level of the program's own messages on standard error (`trace`, `debug`, `info`, `notice`,
            `warning`, `error`, `critical`): `info` for `ruche serve`, else `warning`.

            """
        text +=
            "\nThe token itself may be in `RUCHE_TOKEN`; it is never an argument and never in a configuration file.\n"
        section(Ruche.self, path: ["ruche"], into: &text)
        return text
    }

    private static func section(_ command: any ParsableCommand.Type, path: [String], into text: inout String) {
        let help = Ruche.helpMessage(for: command, columns: 100)
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.reversed().drop { $0 == " " }.reversed())
        }
        text += "\n## \(path.joined(separator: " "))\n\n```\n"
        text += lines.joined(separator: "\n").trimmingSuffix(while: { $0 == "\n" }) + "\n```\n"
        let configuration = command.configuration
        let subcommands = configuration.groupedSubcommands.flatMap(\.subcommands) + configuration.ungroupedSubcommands
        for subcommand in subcommands where subcommand.configuration.shouldDisplay {
            section(subcommand, path: path + [subcommand._commandName], into: &text)
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> String {
        String(reversed().drop(while: isDropped).reversed())
    }
}
