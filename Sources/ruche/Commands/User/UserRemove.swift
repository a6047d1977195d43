import ArgumentParser
import RucheClient
import RucheCore

struct UserRemove: OwnerRemoving {
    static let key = "user"
    static let noun = "user"
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a user who owns nothing, with tokens and sessions.",
        discussion: """
            Examples:
              ruche user remove ada
            """)

    @Argument(help: "The user's name.", transform: Arguments.owner)
    var name: OwnerName

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func remove(_ client: APIClient) async throws { try await client.removeUser(name) }
}
