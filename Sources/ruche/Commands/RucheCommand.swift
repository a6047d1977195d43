import ArgumentParser

/// A command with the global options, run in a context that tests can replace.
protocol RucheCommand: AsyncParsableCommand, Sendable {
    var global: GlobalOptions { get }
    func run(_ context: CommandContext) async throws
}

extension RucheCommand {
    mutating func run() async throws {
        let context = try CommandContext.make(global, serving: LocalServer())
        let command = self
        try await context.interrupts.guarding { try await command.run(context) }
    }
}
