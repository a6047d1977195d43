import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct UserList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List users.",
        discussion: """
            Examples:
              ruche user list
              ruche user list --json
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try context.output.list(try await context.withClient { try await $0.users() }, now: context.now())
    }
}

extension UserDocument: Listed {
    static var columns: [TextTable.Column] {
        [.text("USER"), .text("NAME"), .text("SITE ROLE"), .text("STATE"), .text("ROLES")]
    }

    func cells(now: Int64) -> [String] {
        let others = roles.filter { $0.key != name.description }.map { "\($0.key): \($0.value.rawValue)" }.sorted()
        return [
            name.description, displayName, siteRole?.rawValue ?? "", disabled ? "disabled" : "active",
            others.joined(separator: ", "),
        ]
    }

    var identifier: String { name.description }
}
