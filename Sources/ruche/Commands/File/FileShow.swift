import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct FileShow: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one file.",
        discussion: """
            Example:
              ruche file show 01hxyzabcdefghjkmnpqrstvwx
            """)

    @Argument(help: "The file.", transform: Arguments.identifier)
    var id: Identifier

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let file = try await context.withClient { try await $0.file(id) }
        try context.output.json(file)
        context.output.quiet(file.digest.description)
        let companions = file.companions ?? []
        context.output.fields([
            ("file", file.id.description), ("name", file.name), ("owner", file.owner.description),
            ("size", HumanText.size(file.size)), ("digest", file.digest.description), ("type", file.type),
            ("origin", file.job.map { "job \($0), \(file.path ?? "")" } ?? "uploaded"),
            ("created", HumanText.timestamp(file.createdAt)),
            ("companions", companions.isEmpty ? nil : companions.map(\.description).joined(separator: " ")),
        ])
    }
}
