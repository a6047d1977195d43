import ArgumentParser
import RucheClient
import RucheCore
import RucheWire
import SystemPackage

struct Build: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Build a recipe into a release of the catalogue.",
        discussion: """
            Each step becomes a layer that is kept: a build that failed or was stopped goes on at that step, and \
            one with nothing changed does nothing. Ends with 5 when a step fails, 6 when a test does.

            Examples:
              ruche build examples/variant-calling
              ruche build recipe/ruche.yaml --explain
              ruche build . --locked=ruche.lock
            """)

    @Argument(help: "A recipe, or a folder with ruche.yaml.", completion: .file())
    var recipe: String = "."

    @Flag(help: "Only say for every step whether it is reused, or what changed. Nothing is built.")
    var explain = false

    @Flag(help: "As --explain.")
    var dryRun = false

    @Flag(help: "Build every step again.")
    var noCache = false

    @Flag(help: "Make the base again, however young it is.")
    var refresh = false

    @Flag(help: "Build exactly what ruche.lock beside the recipe says (--locked=FILE: another lock).")
    var locked = false

    @Option(
        help: ArgumentHelp("Build exactly what this lock says.", valueName: "file"), completion: .file())
    var lockFile: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let source = try RecipeSource.load(recipe, context.environment)
        let lock = try lockPath(source).map { try source.readLock(context.environment.absolute($0)) }
        try await source.withArchive(lock: lock, temporary: context.environment.temporaryFolder) { archive in
            var options = BuildOptions(recipe: source.recipeFile)
            options.noCache = noCache
            options.refresh = refresh
            if explain || dryRun {
                try await showPlan(archive, options, context)
            } else {
                try await build(archive, options, context)
            }
        }
    }

    private func lockPath(_ source: RecipeSource) -> String? {
        lockFile ?? (locked ? source.folder.appending("ruche.lock").string : nil)
    }

    private func showPlan(_ archive: Upload, _ options: BuildOptions, _ context: CommandContext) async throws {
        let steps = try await context.withClient { try await $0.explainBuild(archive, options) }
        try context.output.json(steps)
        for step in steps where !step.reused { context.output.quiet("\(step.index)") }
        context.output.table(
            [.number("STEP"), .text(""), .text("WHAT"), .text("WHY")],
            steps.map { ["\($0.index)", $0.reused ? "reuse" : "build", $0.title, $0.reason] })
    }

    private func build(_ archive: Upload, _ options: BuildOptions, _ context: CommandContext) async throws {
        let view = BuildView(context)
        let result = try await context.withClient { client in
            let operation = try await client.build(archive, options)
            context.interrupts.onFirst { await OperationEnd.cancel(operation.id, client, context.output) }
            let ended = try await view.show { try await client.finish(operation) { try view.apply($0) } }
            if ended.failure != nil, ended.failure?.code != .cancelled {
                await view.showFailure(of: ended, client)
            }
            return (try Self.result(of: ended), try await Self.size(of: ended, client))
        }
        report(result.0, size: result.1, context.output)
    }

    private static func result(of operation: OperationDocument) throws -> BuildResultDocument {
        do {
            return try OperationEnd.result(of: operation, as: BuildResultDocument.self)
        } catch let error as RucheError where error.code == .cancelled {
            throw RucheError(.cancelled, "\(error.message); its finished steps are kept, build again to go on")
        }
    }

    private static func size(of operation: OperationDocument, _ client: APIClient) async throws -> Int64 {
        let result = try OperationEnd.result(of: operation, as: BuildResultDocument.self)
        return try await client.release(try ReleaseReference(parsing: result.release)).summary.size
    }

    private func report(_ result: BuildResultDocument, size: Int64, _ output: Output) {
        output.quiet(result.digest.description)
        output.line("\(result.release)", .bold)
        output.fields([
            ("digest", result.digest.description), ("size", HumanText.size(size)),
            ("time", HumanText.duration(result.seconds)),
            ("steps", "\(result.builtSteps) built, \(result.reusedSteps) reused"),
        ])
    }
}
