/// A file or folder beside the recipe that the build reads.
package struct RecipeFile: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file, folder, either
    }

    /// What a look at the disk found wrong with it.
    package enum Fault: Hashable, Sendable {
        /// Nothing is there; `nearby` are the names in the folder where it should be.
        case missing(nearby: [String])
        case notAFile
        case notAFolder
        /// A symbolic link in the path, or in the folder, leads out of the recipe's folder.
        case leavesFolder(link: String)
        case unreadable(reason: String)
    }

    /// Relative to the recipe's folder, without `..`.
    package var path: String
    /// Key path in the recipe, such as `steps[1].copy.from`.
    package var keyPath: String
    package var kind: Kind
    /// True when the build reads through links inside it (so none of them may lead out).
    package var followsLinks: Bool
    package var place: Place?

    package init(path: String, keyPath: String, kind: Kind, followsLinks: Bool = false, place: Place? = nil) {
        self.path = path
        self.keyPath = keyPath
        self.kind = kind
        self.followsLinks = followsLinks
        self.place = place
    }

    /// The fault as a problem of the recipe `file`.
    package func problem(_ fault: Fault, in file: String) -> Problem {
        var problem = Problem(
            file: file, line: place?.line, column: place?.column, path: keyPath, message: "",
            found: SourceNode.quoted(path))
        switch fault {
        case .missing(let nearby):
            problem.message = "there is no such \(kind == .folder ? "folder" : "file") beside the recipe"
            if keyPath.hasSuffix(".shell") { problem.allowed = "a script beside the recipe, or {run: COMMAND}" }
            let parent = path.lastIndex(of: "/").map { path[...$0] } ?? ""
            let name = path.dropFirst(parent.count)
            problem.suggestion = Spelling.nearest(name, among: nearby).map { parent + $0 }
        case .notAFile: problem.message = "is a folder; a file is needed"
        case .notAFolder: problem.message = "is a file; a folder is needed"
        case .leavesFolder(let link): problem.message = "the link \"\(link)\" leads out of the recipe's folder"
        case .unreadable(let reason): problem.message = "can't be read: \(reason)"
        }
        return problem
    }
}

extension Recipe {
    /// Every file or folder beside the recipe that a build of it reads, in the order of the recipe.
    package var files: [RecipeFile] {
        var files: [RecipeFile] = []
        if let file = from.file { files.append(file) }
        files += packer?.recipeFiles ?? []
        for (index, step) in steps.enumerated() { files += step.files(at: "steps[\(index)]") }
        if let form = pipeline?.form { files.append(RecipeFile(path: form, keyPath: "pipeline.form", kind: .file)) }
        return files
    }
}

extension BaseReference {
    var file: RecipeFile? {
        guard let localPath else { return nil }
        if case .ociLayout = self { return RecipeFile(path: localPath, keyPath: "from", kind: .either) }
        return RecipeFile(path: localPath, keyPath: "from", kind: .file)
    }
}

extension Step {
    /// What the step reads beside the recipe; `path` is the key path of the step.
    func files(at path: String) -> [RecipeFile] {
        func file(_ name: String, _ key: String) -> RecipeFile {
            RecipeFile(path: name, keyPath: "\(path).\(key)", kind: .file)
        }
        switch self {
        case .apt: return []
        case .pip(let pip):
            let requirements = pip.requirements.map { file($0, "pip.requirements") }
            let constraints = pip.constraints.map { file($0, "pip.constraints") }
            return [requirements, constraints].compactMap(\.self)
        case .copy(let copy):
            return [RecipeFile(path: copy.from, keyPath: "\(path).copy.from", kind: .either)]
        case .shell(let shell):
            guard case .file(let script) = shell.source else { return [] }
            return [file(script, "shell")]
        case .ansible(let ansible):
            let roles = ansible.roles.map {
                RecipeFile(path: $0, keyPath: "\(path).ansible.roles", kind: .folder, followsLinks: true)
            }
            return [file(ansible.playbook, "ansible.playbook")] + [roles].compactMap(\.self)
        }
    }
}
