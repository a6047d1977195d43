import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct EnvironmentList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the environments that one may see.",
        discussion: """
            Examples:
              ruche env list
              ruche env list --json
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try context.output.list(try await context.withClient { try await $0.environments() }, now: context.now())
    }
}

extension EnvironmentDocument: Listed {
    static var columns: [TextTable.Column] {
        [.text("ENVIRONMENT"), .text("VISIBLE"), .text("UPDATED"), .text("SUMMARY")]
    }

    func cells(now: Int64) -> [String] {
        [name.description, visibility.rawValue, HumanText.ago(updatedAt, now: now), summary ?? ""]
    }

    var identifier: String { name.description }
}
