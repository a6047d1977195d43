import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct OwnerQuota: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota",
        abstract: "Tell what an owner keeps and how much it may, or set that.",
        discussion: """
            Files, open uploads and releases count. What is there already stays when a quota is less.

            Examples:
              ruche owner quota lab
              ruche owner quota lab 500G
              ruche owner quota lab none
            """)

    /// What an owner may keep.
    private enum Limit: Sendable {
        case unlimited
        case bytes(ByteCount)

        var bytes: Int64? { if case .bytes(let count) = self { count.bytes } else { nil } }
    }

    @Argument(help: "The owner.", transform: { $0 == OwnerName.local.description ? .local : try Arguments.owner($0) })
    var owner: OwnerName

    @Argument(
        help: ArgumentHelp("512M, 2T, a number of bytes, or none for no limit.", valueName: "size"),
        transform: { text in
            if text == "none" { return .unlimited }
            if text == "0" { return .bytes(ByteCount(0)) }
            return .bytes(try Arguments.size(text))
        })
    private var limit: Limit?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let usage = try await context.withClient { client in
            guard let limit else { return try await client.usage(of: owner.description) }
            return try await client.setQuota(limit.bytes, of: owner)
        }
        try FileUsage.show(usage, context.output)
    }
}
