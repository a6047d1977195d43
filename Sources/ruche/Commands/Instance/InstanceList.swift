import ArgumentParser
import RucheClient
import RucheCore

struct InstanceList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List instances, newest first.",
        discussion: """
            Examples:
              ruche instance list
              ruche instance list --owner lab --json
            """,
        aliases: ["ls"])

    @Option(help: "Only instances of this owner.")
    var owner: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let instances = try await context.withClient { try await $0.instances(owner: owner) }
        if instances.isEmpty, context.output.format == .text {
            context.output.note("no instances; \"ruche up RELEASE\" starts one")
        } else {
            try context.output.list(instances, now: context.now())
        }
    }
}
