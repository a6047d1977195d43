import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct ReleasePublish: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Make a draft a release, which never changes again.",
        discussion: """
            Example:
              ruche release publish lab/small:1.0.0
            """)

    @Argument(help: "owner/name:version", transform: Arguments.exactRelease)
    var draft: ReleaseReference

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let document = try await context.withClient { try await $0.releaseDraft(draft) }
        try context.output.json(document)
        context.output.quiet(document.summary.digest.description)
        context.output.line("released \(document.summary.identifier)")
    }
}
