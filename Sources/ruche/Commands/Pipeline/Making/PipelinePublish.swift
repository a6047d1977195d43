import ArgumentParser
import RucheCore
import RucheHost
import RucheWorkbench
import SystemPackage

struct PipelinePublish: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Put a workbench into the catalogue as a release, ready to run.",
        discussion: """
            The release has the root of the workbench, and the contract, form and documents of its folder. Clean the \
            workbench first.

            Examples:
              ruche pipeline publish calling lab/calling:1.0.0
              ruche run lab/calling:1.0.0 --input reads.fq
            """)

    @Argument(help: "The workbench.")
    var name: String

    @Argument(help: "owner/name:version", transform: Arguments.exactRelease)
    var release: ReleaseReference

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        guard release.digest == nil else { throw ValidationError("a release to come has no digest yet") }
        if let version = release.selector, ReleaseVersion(version) == nil {
            throw ValidationError("\"\(version)\" is not a version: write 1.0.0 or 2026.1")
        }
    }

    func run(_ context: CommandContext) async throws {
        let workbench = try await Workbenches.open(name, context)
        let made = try await TemporaryDirectory.with(in: context.environment.temporaryFolder, prefix: "ruche-publish") {
            let stage = try await PackagingStage.make(
                workbench, name: release.name, version: release.selector, in: $0.appending("recipe"))
            return try await context.withClient { client in
                try await TemporaryRelease.build(stage.folder, client, context)
            }
        }
        let packed = PackedRelease(name, context)
        if packed.isLeft("\(made)") { try packed.end() }
        try context.output.json(["release": "\(made)"])
        context.output.quiet("\(made)")
        context.output.line("published \(made)", .bold)
        context.output.note("run it with \"ruche run \(made) --input FILE\"")
    }
}
