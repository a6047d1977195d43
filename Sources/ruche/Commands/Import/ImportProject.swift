import ArgumentParser
import Glibc
import RucheCore
import RucheHost
import SystemPackage

struct ImportProject: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "Draft a recipe from a folder made for Packer, Vagrant and Ansible.",
        discussion: """
            Reads templates of Packer (JSON), a Vagrantfile, ansible/playbook.yml or playbook.yml, and codemeta.json, \
            and writes ruche.yaml beside them. What can't be carried over is told on standard error, with its place. \
            Nothing of the folder is run.

            Examples:
              ruche import project jupyterhub-vm
              ruche import project . --as lab/jupyterhub -o -
            """)

    private static let limit = 1 << 20

    @Argument(help: "The folder.", completion: .directory)
    var folder: String = "."

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("The environment's name; lab/FOLDER without it.", valueName: "owner/name"),
        transform: Arguments.environment)
    var name: EnvironmentName?

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp(
            "Where to; \"-\" is standard output. ruche.yaml in the folder without it.", valueName: "file"),
        completion: .file())
    var path: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let folder = context.environment.absolute(folder)
        guard FileTree.isFolder(folder) else {
            throw RucheError(.notFound, "there is no folder \(folder)")
        }
        let draft = try draft(of: folder)
        let text = draft.rendered()
        if path != "-" {
            let target = path.map { context.environment.absolute($0) } ?? folder.appending(RecipeFolder.fileName)
            guard !FileTree.exists(target) else {
                throw RucheError(.conflict, "\(target) exists already; move it away or name another place with -o")
            }
            try AtomicFile.write(text.utf8, to: target)
            context.output.quiet(target.string)
            context.output.line("wrote \(target)")
        } else {
            context.output.raw(text)
        }
        for note in draft.notes { context.output.note("\(note)", .yellow) }
    }

    private func draft(of folder: FilePath) throws -> ProjectDraft {
        let own = (folder.lexicallyNormalized().lastComponent?.string ?? "environment").lowercased()
        let slug = own.split { !$0.isASCII || !($0.isLetter || $0.isNumber) }.joined(separator: "-")
        guard let name = name ?? EnvironmentName("lab/\(slug)") else {
            throw RucheError(
                .invalidInput, "\"\(own)\" can't be the name of an environment: give one with --as owner/name")
        }
        var draft = ProjectDraft(name: name) { path in
            let place = folder.pushing(FilePath(path))
            return (FileTree.exists(place), FileTree.isFolder(place))
        }
        let names = try FileTree.names(in: folder).sorted()
        var found: [String] = []
        if names.contains("codemeta.json") {
            draft.readCodemeta(try text(folder, "codemeta.json"), file: "codemeta.json")
        }
        for name in names where name.hasSuffix(".json") && name != "codemeta.json" {
            if draft.readPacker(try text(folder, name), file: name) { found.append(name) }
        }
        if names.contains("Vagrantfile") {
            draft.readVagrantfile(try text(folder, "Vagrantfile"), file: "Vagrantfile")
            found.append("Vagrantfile")
        }
        for path in ["ansible/playbook.yml", "ansible/site.yml", "playbook.yml", "site.yml"]
        where FileTree.exists(folder.pushing(FilePath(path))) {
            draft.readPlaybook(path)
            found.append(path)
            break
        }
        guard !found.isEmpty else {
            throw RucheError(
                .notFound, "\(folder) has no template of Packer, no Vagrantfile and no playbook to draft a recipe from")
        }
        return draft
    }

    private func text(_ folder: FilePath, _ name: String) throws -> String {
        do {
            return String(decoding: try AtomicFile.read(folder.appending(name), limit: Self.limit), as: UTF8.self)
        } catch let error as Errno {
            throw RucheError(.invalidInput, "can't read \(folder.appending(name)): \(error)", cause: error)
        }
    }
}
