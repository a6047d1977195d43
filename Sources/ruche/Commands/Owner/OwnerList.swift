import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct OwnerList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the owners whose things one may read.",
        discussion: """
            Examples:
              ruche owner list
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try context.output.list(try await context.withClient { try await $0.owners() }, now: context.now())
    }
}

extension OwnerDocument: Listed {
    static var columns: [TextTable.Column] { [.text("OWNER"), .text("KIND"), .text("NAME"), .text("RELEASES")] }

    func cells(now: Int64) -> [String] {
        [name.description, kind, displayName, sharesReleases ? "for everybody" : "for members"]
    }

    var identifier: String { name.description }
}
