import ArgumentParser
import RucheClient
import RucheCore

struct FileRemove: RemovingCommand {
    static let noun = "file"
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove files; their content goes with the next collection.",
        discussion: """
            Example:
              ruche file remove 01hxyzabcdefghjkmnpqrstvwx
            """,
        aliases: ["rm"])

    @Argument(help: "The files.", transform: Arguments.identifier)
    var ids: [Identifier]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func remove(_ id: Identifier, _ client: APIClient) async throws { try await client.removeFile(id) }
}
