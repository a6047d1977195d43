import RucheClient
import RucheCore

/// A command that removes a user or an organisation.
protocol OwnerRemoving: RucheCommand {
    /// The key of its JSON.
    static var key: String { get }
    static var noun: String { get }
    var name: OwnerName { get }
    func remove(_ client: APIClient) async throws
}

extension OwnerRemoving {
    func run(_ context: CommandContext) async throws {
        try await context.withClient { try await remove($0) }
        context.output.quiet("\(name)")
        try context.output.json([Self.key: "\(name)"])
        context.output.line("removed the \(Self.noun) \(name)")
    }
}
