import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import SystemPackage

struct ImportBox: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "box",
        abstract: "Release a box file.",
        discussion: """
            The provider, and the architecture where it says one, are read from the box.

            Examples:
              ruche import box small.box --as lab/small:1.0.0
              ruche import box arm.box --as lab/small:1.1.0 --architecture arm64 --draft
            """)

    @Argument(help: "The box file.", completion: .file())
    var file: String

    @Option(
        name: .customLong("as"), help: ArgumentHelp("owner/name:version", valueName: "release"),
        transform: Arguments.exactRelease)
    var release: ReleaseReference

    @Option(help: ArgumentHelp("The architecture in Vagrant's words, such as amd64.", valueName: "name"))
    var architecture: String?

    @OptionGroup var options: ImportOptions

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        guard let text = release.selector, ReleaseVersion(text) != nil else {
            throw ValidationError("\"\(release)\" names no version, such as \(release.name):1.0.0")
        }
    }

    func run(_ context: CommandContext) async throws {
        let path = context.environment.absolute(file)
        let archive: BoxArchive
        do { archive = try BoxArchive(checking: path) } catch let error as Errno {
            throw RucheError(.invalidInput, "can't read \(path): \(error)", cause: error)
        }
        let provider = ForeignBox.Provider(
            name: archive.provider, architecture: architecture ?? archive.architecture ?? "unknown", url: path.string)
        let version = ForeignBox.Version(version: release.selector ?? "", providers: [provider])
        let box = ForeignBox(name: "\(release.name)", versions: [version])
        let (name, visibility) = (release.name, options.visibility(nil))
        let site = ForeignSite("http://localhost", token: nil, authorities: nil)
        try await options.run(context, site, localFolder: path.removingLastComponent()) { importer in
            [try await importer.run(box, as: name, visibility: visibility)]
        }
    }
}
