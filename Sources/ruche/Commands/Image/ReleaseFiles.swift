import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct ReleaseFiles: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "files",
        abstract: "List the files of a release: boxes, layers, LXD's two.",
        discussion: """
            With --quiet as sha256sum writes them.

            Example:
              ruche release files lab/small:1.0.0
            """)

    @Argument(help: "owner/name[:version]", transform: Arguments.release)
    var release: ReleaseReference

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let files = try await context.withClient { client in
            try await client.files(of: try await client.exact(release))
        }
        try context.output.list(files, now: context.now())
    }
}

extension ReleaseFileDocument: Listed {
    static var columns: [TextTable.Column] {
        [.text("FORMAT"), .text("ARCHITECTURE"), .text("FILE"), .number("SIZE"), .text("DIGEST")]
    }

    func cells(now: Int64) -> [String] {
        [provider.map { "box \($0)" } ?? format, architecture, name, HumanText.size(size), digest.description]
    }

    var identifier: String { "\(digest.hex)  \(name)" }
}
