/// How one runs a command in an instance that is a container: by a program of its engine, on the server's machine.
package struct InstanceEntrance: Hashable, Sendable, Codable {
    /// The program with its arguments up to the name of the container.
    package var program: [String]
    /// What is said besides where the command gets a terminal.
    package var terminal: String
    /// The name by which the engine knows the container.
    package var container: String
    /// What stands before the command.
    package var separator: String?

    package init(
        program: [String], terminal: String = "--tty", container: String, separator: String? = nil
    ) {
        self.program = program
        self.terminal = terminal
        self.container = container
        self.separator = separator
    }

    /// All words for a command; a shell where there is none.
    package func words(_ command: [String], user: String?, isTerminal: Bool) -> [String] {
        program + (isTerminal ? [terminal] : []) + (user.map { ["--user", $0] } ?? []) + [container]
            + (separator.map { [$0] } ?? []) + (command.isEmpty ? ["sh"] : command)
    }
}
