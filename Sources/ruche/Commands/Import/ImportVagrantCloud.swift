import ArgumentParser
import RucheClient
import RucheCore

struct ImportVagrantCloud: RucheCommand {
    private static let standard = "https://vagrantcloud.com"

    static let configuration = CommandConfiguration(
        commandName: "vagrant-cloud",
        abstract: "Copy boxes of Vagrant Cloud, or of any server that speaks its API.",
        discussion: """
            Descriptions, released versions, providers, architectures, checksums and files. What is here already \
            stays as it is, so the same command goes on after a break and brings what is new. A version is released \
            when all of it came; what could not be copied is told, and why. A token for private boxes is read from \
            a file, from RUCHE_SITE_TOKEN or from VAGRANT_CLOUD_TOKEN, and shown to that server alone.

            Examples:
              ruche import vagrant-cloud lab
              ruche import vagrant-cloud lab/small --as institute
              ruche import vagrant-cloud lab --from https://boxes.example.org --from-token-file token
            """)

    @Argument(help: "OWNER, or OWNER/BOX.")
    var wanted: String

    @Option(help: ArgumentHelp("The server.", valueName: "url"))
    var from = Self.standard

    @Option(help: ArgumentHelp("File with a token of that server.", valueName: "file"), completion: .file())
    var fromTokenFile: String?

    @Option(name: .customLong("as"), help: ArgumentHelp("OWNER, or OWNER/NAME for one box.", valueName: "name"))
    var target: String?

    @OptionGroup var options: ImportOptions

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        let parts = wanted.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("\"\(wanted)\" is neither OWNER nor OWNER/BOX")
        }
        if parts.count == 1, target?.contains("/") == true {
            throw ValidationError("all boxes of \(wanted) can't get one name: give --as OWNER")
        }
        guard ["http://", "https://"].contains(where: from.lowercased().hasPrefix) else {
            throw ValidationError("\"\(from)\" is no http or https address")
        }
    }

    func run(_ context: CommandContext) async throws {
        let token =
            try fromTokenFile.flatMap { try OtherSite.read($0, context) }
            ?? context.environment[OtherSite.variable] ?? context.environment["VAGRANT_CLOUD_TOKEN"]
        let site = ForeignSite(from, token: token, authorities: try context.settings.authorities())
        let catalogue = VagrantCatalogue(from, site)
        let command = self
        try await options.run(context, site) { importer in
            let names = command.wanted.contains("/") ? [command.wanted] : try await catalogue.boxes(of: command.wanted)
            var reports: [BoxImporter.Report] = []
            for name in names { reports.append(try await command.copy(name, catalogue, importer)) }
            return reports
        }
    }

    /// One box that can't be read does not hold up the others.
    private func copy(
        _ name: String, _ catalogue: VagrantCatalogue, _ importer: BoxImporter
    ) async throws -> BoxImporter.Report {
        do {
            let place = try ImportOptions.name(name, as: target)
            let box = try await catalogue.box(name)
            return try await importer.run(box, as: place, visibility: options.visibility(box.isPrivate))
        } catch let error as RucheError where !wanted.contains("/") && error.code != .serverUnavailable {
            var report = BoxImporter.Report(name: name)
            report.failures.append(BoxImporter.Finding(box: name, reason: error.message))
            return report
        }
    }
}
