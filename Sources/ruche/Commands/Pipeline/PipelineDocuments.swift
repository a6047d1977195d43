import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import RucheWire
import SystemPackage

struct PipelineDocuments: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "documents",
        abstract: "List the documents of a pipeline, or write one.",
        discussion: """
            Examples:
              ruche pipeline documents lab/variant-calling
              ruche pipeline documents lab/variant-calling help -o help.html
            """)

    @Argument(help: "owner/name[:version]", transform: Arguments.release)
    var pipeline: ReleaseReference

    @Argument(help: "The document: icon, about, help, license or readme.")
    var kind: String?

    @Option(name: .shortAndLong, help: "Write it to this file.", completion: .file())
    var output: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        guard let kind else {
            let documents = try await context.withClient { try await $0.pipeline(pipeline) }.documents
            try context.output.json(documents)
            for document in documents { context.output.quiet(document.kind) }
            if documents.isEmpty {
                context.output.note("the pipeline has no documents")
            } else {
                context.output.table(
                    [.text("DOCUMENT"), .number("SIZE"), .text("TYPE")],
                    documents.map { [$0.kind, HumanText.size($0.size), $0.mediaType] })
            }
            return
        }
        let bytes = try await context.withClient { try await $0.pipelineDocument(kind, of: pipeline) }
        guard let output else {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw RucheError(.invalidInput, "the document \"\(kind)\" is no text: write it to a file with --output")
            }
            context.output.raw(text)
            return
        }
        try AtomicFile.write(bytes, to: context.environment.absolute(output))
        context.output.note("wrote \(output)")
    }
}
