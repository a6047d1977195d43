import ArgumentParser
import RucheClient
import RucheCore

struct ImageTag: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "Give a release another name that can move, or take it away.",
        discussion: """
            A version never changes what it names; a tag does.

            Examples:
              ruche release tag lab/variant-calling:1.0.0 stable
              ruche release tag lab/variant-calling stable --remove
            """)

    @Argument(help: "owner/name:version, or owner/name with --remove", transform: Arguments.release)
    var release: ReleaseReference

    @Argument(help: "The tag.")
    var tag: String

    @Flag(help: "Take the tag away.")
    var remove = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        guard ReleaseReference.isTag(tag) else { throw ValidationError("\"\(tag)\" is not a valid tag") }
        if !remove, release.selector == nil {
            throw ValidationError("name the version to tag: \(release.name):VERSION")
        }
    }

    func run(_ context: CommandContext) async throws {
        try await context.withClient { client in
            if remove {
                try await client.removeTag(tag, of: release.name)
            } else if let version = release.selector {
                try await client.setTag(tag, of: release.name, to: version)
            }
        }
        context.output.quiet("\(release.name):\(tag)")
        try context.output.json(["name": "\(release.name)", "tag": tag, "version": remove ? nil : release.selector])
        context.output.line(remove ? "removed the tag \(tag) of \(release.name)" : "tagged \(release) as \(tag)")
    }
}
