import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct Search: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for environments by words, software, system and more.",
        discussion: """
            Every word has to begin a word of a name, summary, description, keyword or author, or be the name of a \
            package. Shown is the newest release of each environment. Several values of --software and --keyword all \
            have to be there; of the other options one of several is enough.

            Examples:
              ruche search variant calling
              ruche search --software bwa --software samtools==1.16 --os "debian 12"
              ruche search --provider libvirt --architecture arm64 --sort updated
              ruche search genomics --facets
            """)

    @Argument(help: "Words to look for; everything without any.")
    var text: [String] = []

    @Option(help: ArgumentHelp("Only of this owner.", valueName: "owner"))
    var owner: [String] = []

    @Option(
        help: ArgumentHelp("Only what this runs: oci, lxd, or a provider of boxes.", valueName: "provider"),
        completion: .list([
            "oci", "lxd", "lxd-vm", "qcow2", "raw", "vmdk", "vdi", "vhdx", "ova", "libvirt", "virtualbox",
            "vmware_desktop", "hyperv", "docker",
        ]))
    var provider: [String] = []

    @Option(
        help: ArgumentHelp("Only for this architecture.", valueName: "name"),
        completion: .list(["amd64", "arm64", "i386", "arm", "ppc64le", "s390x", "riscv64"]))
    var architecture: [String] = []

    @Option(
        help: ArgumentHelp("Only of this system, such as debian or \"debian 12\".", valueName: "system"),
        completion: .list(["debian", "debian 11", "debian 12", "debian 13", "ubuntu", "linux"]))
    var os: [String] = []

    @Option(help: ArgumentHelp("Only with this package: NAME or NAME==VERSION.", valueName: "package"))
    var software: [String] = []

    @Option(help: ArgumentHelp("Only with this keyword.", valueName: "word"))
    var keyword: [String] = []

    @Option(
        name: [.customLong("licence"), .customLong("license")],
        help: ArgumentHelp("Only under this licence, an SPDX identifier.", valueName: "licence"))
    var licence: [String] = []

    @Option(help: ArgumentHelp("relevance, downloads, updated, created or name.", valueName: "order"))
    var sort: SearchSort?

    @Flag(help: "The other way round.")
    var reverse = false

    @Flag(help: "Every release, also revoked ones, not only the newest of each environment.")
    var allVersions = false

    @Flag(help: "Show what the hits could be narrowed down by.")
    var facets = false

    @Option(help: ArgumentHelp("Show so many at most, 1 to 100.", valueName: "number"))
    var limit = 20

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        guard (1...100).contains(limit) else { throw ValidationError("--limit takes 1 to 100, not \(limit)") }
    }

    func run(_ context: CommandContext) async throws {
        let found = try await context.withClient { client in
            try await client.search(
                text.isEmpty ? nil : text.joined(separator: " "),
                filters: [
                    .owner: owner, .provider: provider, .architecture: architecture, .os: os, .software: software,
                    .keyword: keyword, .license: licence,
                ],
                options: [
                    ("sort", sort?.rawValue), ("order", order), ("versions", allVersions ? "all" : nil),
                    ("facets", facets || global.json ? "20" : "0"), ("limit", String(limit)),
                ])
        }
        try show(found, context)
    }

    private var order: String? {
        guard reverse else { return nil }
        return sort == .name ? "desc" : "asc"
    }

    private func show(_ found: SearchDocument, _ context: CommandContext) throws {
        let output = context.output
        try output.json(found)
        for hit in found.items { output.quiet(hit.identifier) }
        guard !found.items.isEmpty else { return output.note("nothing was found; use fewer words or options") }
        output.table(SearchHitDocument.columns, found.items.map { $0.cells(now: context.now()) })
        if found.total > found.items.count { output.line("\n\(found.items.count) of \(found.total)") }
        for facet in found.facets where facets && !facet.values.isEmpty {
            output.line("\n" + facet.name.rawValue, .bold)
            for value in facet.values { output.line("  \(value.count)\t\(value.value)") }
        }
    }
}

extension SearchSort: ExpressibleByArgument {}

extension SearchHitDocument: Listed {
    static var columns: [TextTable.Column] {
        [
            .text("ENVIRONMENT"), .text("VERSION"), .text("FOR"), .number("DOWNLOADS"), .text("UPDATED"),
            .text("SUMMARY"),
        ]
    }

    func cells(now: Int64) -> [String] {
        [
            name.description, (version?.description ?? "") + (revokedReason == nil ? "" : " (revoked)"),
            (providers + architectures).joined(separator: " "), String(downloads), HumanText.ago(publishedAt, now: now),
            summary ?? "",
        ]
    }

    var identifier: String { version.map { "\(name):\($0)" } ?? name.description }
}
