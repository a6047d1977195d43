import ArgumentParser
import RucheBuild
import RucheCore
import RucheHost
import SystemPackage

struct Check: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a recipe, or the machine of a release: every problem at once, each with its place.",
        discussion: """
            Nothing is downloaded or started, and no server is asked. A template of Packer that the recipe starts from \
            is looked at too, by "packer validate" as well where Packer is installed. Ends with 2 when there is a problem.

            With --target and the name of a release (and its version, where a folder has that name), its disk is \
            looked into where the catalogue is: whether it will run there, and what is left in it of keys, passwords, \
            histories, credentials, caches, addresses and identities.

            Examples:
              ruche check examples/variant-calling
              ruche check ruche.yaml --json
              ruche check examples/minimal-vm --target libvirt
              ruche check ruche.yaml --target openstack --flavour-disk 20G
              ruche check lab/desktop:1.0.0 --target virtualbox
            """)

    @Argument(help: "A recipe, a folder with ruche.yaml, or owner/name[:version].", completion: .file())
    var recipe: String = "."

    @Option(
        help:
            "Check the machine for where it is to run: \(MachineTarget.allCases.map(\.rawValue).joined(separator: ", "))."
    )
    var target: MachineTarget?

    @Option(help: "The disk that the target gives the machine, such as 20G.")
    var flavourDisk: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let output = context.output
        if let release = release(context), let target {
            _ = try flavour()
            return try await ReleaseChecking(
                context: context, release: release, target: target, flavour: flavourDisk
            ).run()
        }
        do {
            let source = try RecipeSource.load(recipe, context.environment)
            try await checkTemplate(source)
            try check(source.document)
            try output.json([Problem]())
            output.line("\(source.summary): no problem", .green)
        } catch let error as RucheError where !error.problems.isEmpty {
            try output.json(error.problems)
            for problem in error.problems {
                output.quiet(Self.place(problem))
                output.line("\(problem)")
            }
            let total = error.details["problems"].flatMap { Int($0) } ?? error.problems.count
            output.note(HumanText.count(total, "problem"), .red)
            throw ExitCode(ExitClass(error.code).rawValue)
        }
    }

    /// The release that is named, where no recipe has that path.
    private func release(_ context: CommandContext) -> ReleaseReference? {
        guard !FileTree.exists(context.environment.absolute(recipe)) else { return nil }
        // What is no reference is taken for a path, and told as one that is not there.
        return try? ReleaseReference(parsing: recipe)
    }

    private func flavour() throws -> ByteCount? {
        try flavourDisk.map { text in
            guard let size = ByteCount(parsing: text) else {
                throw RucheError(.invalidInput, "--flavour-disk \"\(text)\" is no size: write it as 20G or 512M")
            }
            return size
        }
    }

    /// What Packer says of the template besides what was found without it.
    private func checkTemplate(_ source: RecipeSource) async throws {
        let document = source.document
        let read = try PackerSource.read(document.recipe, in: source.folder) { document.problem(at: $0, $1) }
        guard let packer = read.source else { return }
        let shown = FilePath(document.file).removingLastComponent().pushing(FilePath(packer.path)).string
        let problems = try await PackerValidation(runner: SystemCommandRunner())
            .problems(of: document.recipe, packer, in: source.folder, file: shown)
        guard problems.isEmpty else {
            throw RucheError(.invalidRecipe, "Packer refuses the template \(shown)", problems: problems)
        }
    }

    private func check(_ document: RecipeDocument) throws {
        guard let target else {
            if flavourDisk != nil {
                throw RucheError(.invalidInput, "--flavour-disk needs --target: it is the target's disk")
            }
            return
        }
        let problems = TargetCheck(document, target: target, flavour: try flavour()).problems
        guard problems.isEmpty else {
            var error = RucheError(.invalidRecipe, "the machine would not run on \(target.rawValue)")
            error.problems = problems
            throw error
        }
    }

    private static func place(_ problem: Problem) -> String {
        [problem.file, problem.line.map(String.init), problem.column.map(String.init)]
            .compactMap(\.self).joined(separator: ":")
    }
}

extension MachineTarget: ExpressibleByArgument {}
