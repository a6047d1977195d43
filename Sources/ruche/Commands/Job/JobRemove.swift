import ArgumentParser
import RucheClient
import RucheCore

struct JobRemove: RemovingCommand {
    static let noun = "job"
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove finished jobs with their inputs, outputs and logs.",
        discussion: """
            Example:
              ruche job remove 01hxyzabcdefghjkmnpqrstvwx
            """,
        aliases: ["rm"])

    @Argument(help: "The jobs.", transform: Arguments.identifier)
    var ids: [Identifier]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func remove(_ id: Identifier, _ client: APIClient) async throws { try await client.removeJob(id) }
}
