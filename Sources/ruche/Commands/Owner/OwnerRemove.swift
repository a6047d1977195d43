import ArgumentParser
import RucheClient
import RucheCore

struct OwnerRemove: OwnerRemoving {
    static let key = "owner"
    static let noun = "organisation"
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove an organisation that owns nothing.",
        discussion: """
            Examples:
              ruche owner remove lab
            """)

    @Argument(help: "The owner's name.", transform: Arguments.owner)
    var name: OwnerName

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func remove(_ client: APIClient) async throws { try await client.removeOwner(name) }
}
