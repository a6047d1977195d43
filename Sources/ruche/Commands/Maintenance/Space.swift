import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct Space: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what is kept takes: by owner, environment or release.",
        discussion: """
            Blobs that several have are counted in each; what only one has is what its removal frees with the next \
            "ruche gc".

            Examples:
              ruche space
              ruche space lab
              ruche space lab/variant-calling
            """)

    @Argument(help: "An owner, or owner/name; every owner without.")
    var thing: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let space = try await context.withClient { try await $0.space(of: thing) }
        try context.output.json(space)
        for item in space.items { context.output.quiet("\(item.name) \(item.bytes)") }
        context.output.table(
            [
                .text(thing == nil ? "OWNER" : thing?.contains("/") == true ? "RELEASE" : "ENVIRONMENT"),
                .number("SIZE"), .number("ONLY ITS OWN"), .number("SHARED"),
            ],
            space.items.map {
                [
                    $0.name, HumanText.size($0.bytes), HumanText.size($0.uniqueBytes), HumanText.size($0.sharedBytes),
                ]
            })
        context.output.line("\n\(HumanText.size(space.bytes)) in all", .bold)
    }
}
