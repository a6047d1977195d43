import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct PipelineShow: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a pipeline: its command, folders, parameters and documents.",
        discussion: """
            Examples:
              ruche pipeline show lab/variant-calling
              ruche pipeline show lab/variant-calling:1.0.0 --json
            """)

    @Argument(help: "owner/name[:version]", transform: Arguments.release)
    var pipeline: ReleaseReference

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let document = try await context.withClient { try await $0.pipeline(pipeline) }
        let output = context.output
        try output.json(document)
        output.quiet("\(document.name):\(document.version)")
        output.fields([
            ("pipeline", "\(document.name):\(document.version)"), ("summary", document.summary),
            ("authors", document.authors.isEmpty ? nil : document.authors.joined(separator: ", ")),
            ("license", document.license), ("came as", document.dialect), ("digest", document.digest.description),
            ("job", document.job), ("inputs", document.inputs), ("outputs", document.outputs),
            ("logs", document.logs), ("databases", document.databases),
            ("references", document.references?.joined(separator: ", ")),
            ("documents", document.documents.isEmpty ? nil : document.documents.map(\.kind).joined(separator: ", ")),
        ])
        guard !document.form.fields.isEmpty else { return }
        output.line()
        PipelineForm.table(document.form, output)
    }
}
