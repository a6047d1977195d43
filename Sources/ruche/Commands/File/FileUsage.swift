import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct FileUsage: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Tell what an owner keeps, and how much it may.",
        discussion: """
            Example:
              ruche file usage lab
            """)

    @Argument(help: "The owner.")
    var owner = "local"

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let usage = try await context.withClient { try await $0.usage(of: owner) }
        try Self.show(usage, context.output)
    }

    static func show(_ usage: UsageDocument, _ output: Output) throws {
        try output.json(usage)
        output.quiet("\(usage.fileBytes + usage.uploadBytes + usage.releaseBytes)")
        output.fields([
            ("owner", usage.owner.description),
            ("files", "\(usage.files), \(HumanText.size(usage.fileBytes))"),
            ("uploads", "\(usage.uploads), \(HumanText.size(usage.uploadBytes))"),
            ("releases", HumanText.size(usage.releaseBytes)),
            ("quota", usage.quota.map { HumanText.size($0) } ?? "no limit"),
        ])
    }
}
