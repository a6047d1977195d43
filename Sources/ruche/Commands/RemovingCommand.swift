import RucheClient
import RucheCore

/// A command that removes things, each by its identifier.
protocol RemovingCommand: RucheCommand {
    /// What they are, in messages.
    static var noun: String { get }
    var ids: [Identifier] { get }
    func remove(_ id: Identifier, _ client: APIClient) async throws
}

extension RemovingCommand {
    func run(_ context: CommandContext) async throws {
        try await context.withClient { client in
            for id in ids {
                try await remove(id, client)
                context.output.quiet(id.description)
                try context.output.jsonLine(["removed": id.description])
                context.output.line("removed \(Self.noun) \(id)")
            }
        }
    }
}
