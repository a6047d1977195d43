import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct OwnerShow: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show who has which role with an owner.",
        discussion: """
            Examples:
              ruche owner show lab
            """)

    @Argument(help: "The owner's name.", transform: Arguments.owner)
    var name: OwnerName

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try context.output.list(try await context.withClient { try await $0.members(of: name) }, now: context.now())
    }
}

extension MemberDocument: Listed {
    static var columns: [TextTable.Column] { [.text("USER"), .text("ROLE")] }

    func cells(now: Int64) -> [String] { [user.description, role.rawValue] }

    var identifier: String { user.description }
}
