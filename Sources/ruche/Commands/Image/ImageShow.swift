import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct ImageShow: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one release, or a document kept with it.",
        discussion: """
            Examples:
              ruche release show lab/variant-calling
              ruche release show lab/variant-calling:1.0.0 --json
              ruche release show lab/variant-calling:1.0.0 --artifact lock
            """)

    @Argument(help: "owner/name[:version], or its identifier ark:/…", transform: Arguments.target)
    var release: CatalogueTarget

    @Option(help: ArgumentHelp("Print this document: recipe, lock, sbom, log, provenance.", valueName: "kind"))
    var artifact: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let output = context.output
        if let artifact {
            let bytes = try await context.withClient { client in
                try await client.artifact(artifact, of: try await client.exact(try await release.release(client)))
            }
            output.raw(String(decoding: bytes, as: UTF8.self))
            return
        }
        let (document, software) = try await context.withClient { client in
            let release = try await release.release(client)
            let document = try await client.release(release)
            let hasBill = output.format == .text && document.artifacts.contains { $0.kind == "sbom" }
            let exact = ReleaseReference(name: release.name, selector: "\(document.summary.version)")
            return (document, hasBill ? try await client.software(of: exact).count : 0)
        }
        try output.json(document)
        output.quiet(document.summary.digest.description)
        show(document, software, output, now: context.now())
    }

    private static func list(_ texts: [String]) -> String? { texts.isEmpty ? nil : texts.joined(separator: ", ") }

    private func show(_ document: ReleaseDocument, _ software: Int, _ output: Output, now: Int64) {
        let summary = document.summary
        output.fields([
            ("release", summary.identifier), ("summary", summary.summary),
            ("state", document.state + (summary.revokedReason.map { ": \($0)" } ?? "")),
            ("digest", summary.digest.description),
            ("tags", summary.tags.isEmpty ? nil : summary.tags.joined(separator: ", ")),
            ("size", HumanText.size(summary.size)), ("published", HumanText.ago(summary.publishedAt, now: now)),
            ("from", document.recipe?.from.description), ("licence", document.license),
            ("authors", Self.list(document.authors.map(\.shown))), ("keywords", Self.list(document.keywords)),
            ("homepage", document.homepage), ("downloads", String(document.downloads)),
            ("software", software == 0 ? nil : "\(HumanText.count(software, "package")): ruche release software"),
            ("pipeline", document.recipe?.pipeline?.job),
        ])
        output.line()
        output.table(
            [.text("VARIANT"), .text("ARCHITECTURE"), .number("SIZE"), .text("DIGEST")],
            document.variants.map {
                [
                    $0.provider.map { "box " + $0 } ?? $0.format, $0.architecture, HumanText.size($0.size),
                    $0.digest.short,
                ]
            })
        guard !document.artifacts.isEmpty else { return }
        output.line()
        output.table(
            [.text("DOCUMENT"), .number("SIZE"), .text("TYPE")],
            document.artifacts.map { [$0.kind, HumanText.size($0.size), $0.mediaType] })
    }
}

extension Recipe.Author {
    /// The name, with what makes it somebody's.
    var shown: String { name + (orcid.map { " (\($0))" } ?? "") }
}

extension APIClient {
    /// The reference with its version, which the paths below a release need.
    func exact(_ reference: ReleaseReference) async throws -> ReleaseReference {
        if reference.selector != nil || reference.digest != nil { return reference }
        let version = try await release(reference).summary.version
        return ReleaseReference(name: reference.name, selector: version.description)
    }
}
