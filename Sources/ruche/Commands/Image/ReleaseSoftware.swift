import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct ReleaseSoftware: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "software",
        abstract: "List the packages in a release, from its bill of materials.",
        discussion: """
            Example:
              ruche release software lab/variant-calling
            """)

    @Argument(help: "owner/name[:version]", transform: Arguments.release)
    var release: ReleaseReference

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let packages = try await context.withClient { client in
            try await client.software(of: try await client.exact(release))
        }
        if packages.isEmpty { context.output.note("this release has no bill of materials") }
        try context.output.list(packages, now: context.now())
    }
}

extension SoftwarePackage: Listed {
    static var columns: [TextTable.Column] { [.text("PACKAGE"), .text("VERSION")] }
    func cells(now: Int64) -> [String] { [name, version] }
    var identifier: String { "\(name)==\(version)" }
}
