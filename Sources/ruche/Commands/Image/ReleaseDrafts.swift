import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct ReleaseDrafts: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "drafts",
        abstract: "List versions of an environment that are not released yet.",
        discussion: """
            Example:
              ruche release drafts lab/small
            """)

    @Argument(help: "owner/name", transform: Arguments.environment)
    var name: EnvironmentName

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try context.output.list(try await context.withClient { try await $0.drafts(of: name) }, now: context.now())
    }
}

extension DraftDocument: Listed {
    static var columns: [TextTable.Column] {
        [.text("DRAFT"), .text("BOXES"), .text("WAITS FOR"), .text("CHANGED")]
    }

    func cells(now: Int64) -> [String] {
        func names(_ variants: [Variant]) -> String {
            variants.map { "\($0.provider)/\($0.architecture)" }.joined(separator: " ")
        }
        return [
            identifier, names(variants), names(variants.filter { $0.digest == nil && $0.url == nil }),
            HumanText.ago(updatedAt, now: now),
        ]
    }

    var identifier: String { "\(name):\(version)" }
}
