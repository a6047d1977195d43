import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct TokenList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List one's tokens; for administrators everybody's.",
        discussion: """
            Examples:
              ruche token list
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try context.output.list(try await context.withClient { try await $0.tokens() }, now: context.now())
    }
}

extension TokenDocument: Listed {
    static var columns: [TextTable.Column] {
        [.text("TOKEN"), .text("USER"), .text("NAME"), .text("RIGHTS"), .text("OWNER"), .text("STATE")]
    }

    func cells(now: Int64) -> [String] {
        let isOver = expiresAt.map { $0 <= now } ?? false
        return [
            id.description, user.description, name, rights.map(\.rawValue).joined(separator: ", "),
            owner?.description ?? "", isOver ? "expired" : usedAt == nil ? "never used" : "in use",
        ]
    }

    var identifier: String { id.description }
}
