import ArgumentParser
import RucheCore
import RucheHost
import SystemPackage

struct ImportPacker: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "packer",
        abstract: "Build a template of Packer under its own builder, and release the disk.",
        discussion: """
            For systems that only install from an ISO, such as Windows and macOS. Packer 1.6 runs here, with your \
            rights, as "packer build" would: it needs the builder's hypervisor, the ISO that the template names, and \
            licences that you have. The template has to make one disk, appliance or box of libvirt or VirtualBox; \
            what it made stays where it is. Passwords and keys of the template belong in a file that you alone can read, \
            not in arguments, which every process of this machine sees. A recipe with "from: packer:TEMPLATE" keeps how it was made, and makes \
            it again when the template has changed.

            Examples:
              ruche import packer windows10/template.json --as lab/windows:10.1
              ruche import packer box-config.json --as lab/base:1.0.0 --only qemu --var disk_size=18432
              ruche import packer box-config.json --as lab/base:1.0.0 --var-file secrets.json
            """)

    @Argument(help: "The template (JSON).", completion: .file())
    var template: String

    @Option(
        name: .customLong("as"), help: ArgumentHelp("owner/name:version", valueName: "release"),
        transform: Arguments.exactRelease)
    var release: ReleaseReference

    @Option(help: ArgumentHelp("Run this build of the template alone.", valueName: "build"))
    var only: String?

    @Option(
        name: .customLong("var"),
        help: ArgumentHelp("A variable of the template; may be repeated.", valueName: "key=value"))
    var variables: [String] = []

    @Option(
        name: .customLong("var-file"),
        help: ArgumentHelp("A file of variables (a JSON object); may be repeated.", valueName: "path"),
        completion: .file())
    var variableFiles: [String] = []

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        guard let text = release.selector, ReleaseVersion(text) != nil else {
            throw ValidationError("\"\(release)\" names no version, such as \(release.name):1.0.0")
        }
        for text in variables where !text.contains("=") {
            throw ValidationError("\"\(text)\" is no variable: write --var key=value")
        }
    }

    func run(_ context: CommandContext) async throws {
        let path = context.environment.absolute(template)
        guard FileTree.exists(path), !FileTree.isFolder(path) else {
            throw RucheError(.notFound, "there is no template \(path)")
        }
        let files = variableFiles.map(context.environment.absolute)
        if let missing = files.first(where: { !FileTree.exists($0) || FileTree.isFolder($0) }) {
            throw RucheError(.notFound, "there is no file of variables \(missing)")
        }
        let build = PackerBuild(
            runner: SystemCommandRunner(), template: path,
            arguments: (only.map { ["-only=\($0)"] } ?? []) + files.map { "-var-file=\($0)" }
                + variables.flatMap { ["-var", $0] },
            environment: context.environment.all)
        let output = context.output
        let disk = try await build.run { output.note(Sanitized.line($0), .dim) }
        let sending = ImageSending(context: context, name: release.name, version: release.selector ?? "", format: nil)
        try await sending.run(disk)
    }
}
