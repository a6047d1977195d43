import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct FileRename: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename",
        abstract: "Give a file another name, or say what comes with it.",
        discussion: """
            Examples:
              ruche file rename 01hxyzabcdefghjkmnpqrstvwx genome.fa
              ruche file rename 01hxyzabcdefghjkmnpqrstvwx sample.bam --companion 01hxyzabcdefghjkmnpqrstvwy
            """)

    @Argument(help: "The file.", transform: Arguments.identifier)
    var id: Identifier

    @Argument(help: "Its name from now on.")
    var name: String

    @Option(
        help: ArgumentHelp("A file that comes with it into jobs; may be given again.", valueName: "id"),
        transform: Arguments.identifier)
    var companion: [Identifier] = []

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let change = FileEdit(name: name, companions: companion.isEmpty ? nil : companion)
        let file = try await context.withClient { try await $0.changeFile(id, change) }
        try context.output.json(file)
        context.output.quiet(file.id.description)
        context.output.line("\(file.id) is \(file.name)")
    }
}
