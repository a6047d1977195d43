import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct EnvironmentShow: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what is said of an environment.",
        discussion: """
            Examples:
              ruche env show lab/variant-calling
            """)

    @Argument(help: "owner/name, or its identifier ark:/…", transform: Arguments.environmentTarget)
    var name: CatalogueTarget

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let document = try await context.withClient { try await $0.environment(try await name.environment($0)) }
        try document.show(context)
    }
}

extension EnvironmentDocument {
    func show(_ context: CommandContext) throws {
        context.output.quiet("\(name)")
        try context.output.json(self)
        context.output.fields([
            ("environment", name.description), ("visible", visibility.rawValue), ("summary", summary),
            ("licence", license), ("keywords", keywords.isEmpty ? nil : keywords.joined(separator: ", ")),
            ("authors", authors.isEmpty ? nil : authors.map(\.shown).joined(separator: ", ")),
            ("homepage", homepage), ("copy of", mirrorOf), ("downloads", String(downloads)),
            ("created", HumanText.timestamp(createdAt)), ("updated", HumanText.timestamp(updatedAt)),
        ])
        if let description { context.output.line("\n" + description) }
    }
}
