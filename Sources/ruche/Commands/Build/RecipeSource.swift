import RucheClient
import RucheCore
import RucheHost
import SystemPackage

/// A recipe on this machine, checked, ready to be sent with what it reads.
struct RecipeSource: Sendable {
    let document: RecipeDocument
    /// The recipe's folder, and its own name in it.
    let folder: FilePath
    let recipeFile: String

    /// Throws `invalid_recipe` with every problem, `not_found` when there is no recipe. Nothing else is looked at.
    static func load(_ path: String, _ environment: ProcessEnvironment) throws -> RecipeSource {
        // Problems name the file as the person did, so the path stays relative where it can.
        let (document, folder, file) = try RecipeFolder.load(FilePath(path))
        return RecipeSource(
            document: document, folder: environment.absolute(folder.string), recipeFile: file)
    }

    var summary: String {
        "\(document.recipe.name):\(document.recipe.version), \(HumanText.count(document.recipe.steps.count, "step"))"
    }

    func readLock(_ path: FilePath) throws -> [UInt8] {
        do { return try AtomicFile.read(path) } catch let error as Errno {
            let code: ErrorCode = error == .noSuchFileOrDirectory ? .notFound : .invalidInput
            throw RucheError(code, "can't read the lock \(path): \(error)", cause: error)
        }
    }

    /// Runs `body` with the tar of what a build needs; it is gone afterwards.
    func withArchive(lock: [UInt8]?, temporary: FilePath, _ body: (Upload) async throws -> Void) async throws {
        var archive = RecipeArchive(folder: folder)
        for path in try files() { try archive.add(path) }
        try await TemporaryDirectory.with(in: temporary, prefix: "ruche") { folder in
            let file = folder.appending("recipe.tar")
            do { try archive.write(to: file, lock: lock) } catch let error as Errno {
                throw RucheError(
                    error == .noSpace ? .diskFull : .internalError, "can't pack the recipe in \(temporary): \(error)",
                    cause: error)
            }
            try await body(try Upload(file: file))
        }
    }

    /// What the build reads, by path below the folder.
    private func files() throws -> Set<String> {
        var paths: Set<String> = [recipeFile]
        for file in document.files { paths.insert(file.path) }
        for step in document.recipe.steps {
            switch step {
            case .pip(let pip):
                paths.formUnion(try RequirementFiles.all(of: pip) { folder.pushing($0) })
            case .ansible(let ansible):
                // A playbook reads templates, variables and tasks beside it, by names only Ansible resolves.
                let beside = FilePath(ansible.playbook).lexicallyNormalized().removingLastComponent()
                paths.insert(beside.isEmpty ? "." : beside.string)
            case .apt, .copy, .shell: break
            }
        }
        return paths
    }
}
