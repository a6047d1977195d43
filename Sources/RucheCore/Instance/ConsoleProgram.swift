/// A program of the engine's that joins a terminal of the server's machine and the console of an instance.
package struct ConsoleProgram: Hashable, Sendable, Codable {
    /// The program with its arguments.
    package var program: [String]
    /// What one types to leave it, as people write it.
    package var leaveKeys: String

    package init(program: [String], leaveKeys: String) {
        self.program = program
        self.leaveKeys = leaveKeys
    }
}
