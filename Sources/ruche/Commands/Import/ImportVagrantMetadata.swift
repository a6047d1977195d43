import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import SystemPackage

struct ImportVagrantMetadata: RucheCommand {
    private static let limit = 16 << 20

    static let configuration = CommandConfiguration(
        commandName: "vagrant-metadata",
        abstract: "Copy the box that a metadata.json describes, as people host it by hand.",
        discussion: """
            Boxes may be files beside a metadata.json that is a file; from an address they are fetched by http or \
            https only.

            Examples:
              ruche import vagrant-metadata https://example.org/boxes/metadata.json --as lab/small
              ruche import vagrant-metadata boxes/metadata.json
            """)

    @Argument(help: "A file, or an http or https address.", completion: .file())
    var source: String

    @Option(name: .customLong("as"), help: ArgumentHelp("OWNER/NAME, or OWNER.", valueName: "name"))
    var target: String?

    @OptionGroup var options: ImportOptions

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let isRemote = ["http://", "https://"].contains(where: source.lowercased().hasPrefix)
        let site = ForeignSite(
            isRemote ? source : "http://localhost", token: nil, authorities: try context.settings.authorities())
        let path = context.environment.absolute(source)
        let command = self
        try await options.run(context, site, localFolder: isRemote ? nil : path.removingLastComponent()) { importer in
            let bytes = isRemote ? try await site.document(command.source) : try Self.read(path)
            let box = try ForeignBox(bytes, source: command.source)
            let name = try ImportOptions.name(box.name, as: command.target)
            return [try await importer.run(box, as: name, visibility: command.options.visibility(nil))]
        }
    }

    private static func read(_ path: FilePath) throws -> [UInt8] {
        do { return try AtomicFile.read(path, limit: limit) } catch {
            throw RucheError(.invalidInput, "can't read \(path) as a description of a box: \(error)", cause: error)
        }
    }
}
