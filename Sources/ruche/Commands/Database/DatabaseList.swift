import ArgumentParser
import RucheClient
import RucheWire

struct DatabaseList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the reference databases.",
        discussion: """
            Example:
              ruche database list
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let databases = try await context.withClient { try await $0.databases() }
        if databases.isEmpty, context.output.format == .text {
            context.output.note("no reference databases; \"ruche database add NAME:VERSION DIR\" brings one")
        } else {
            try context.output.list(databases, now: context.now())
        }
    }
}

extension DatabaseDocument: Listed {
    static var columns: [TextTable.Column] {
        [.text("NAME"), .text("VERSION"), .number("FILES"), .number("SIZE"), .text("CREATED")]
    }

    func cells(now: Int64) -> [String] {
        [name, version, "\(files)", HumanText.size(size), HumanText.ago(createdAt, now: now)]
    }

    var identifier: String { "\(name):\(version)" }
}
