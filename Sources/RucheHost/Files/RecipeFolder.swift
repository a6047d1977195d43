import Glibc
package import RucheCore
package import SystemPackage

/// Recipes on disk: the recipe's file, and the files beside it that it reads.
package enum RecipeFolder {
    /// The name of a recipe in its folder.
    package static let fileName = "ruche.yaml"
    /// More entries than this in a folder that links are looked for in is an error.
    private static let mostEntries = 100_000

    /// Reads and checks the recipe in a folder (`ruche.yaml`) or a file, with everything it reads.
    ///
    /// Throws `invalid_recipe` with every problem of the recipe, of the files it names and of its form together,
    /// or `not_found` when there is no recipe. `folder` is where the files are, `file` the recipe's name in it.
    package static func load(
        _ path: FilePath
    ) throws -> (document: RecipeDocument, folder: FilePath, file: String) {
        let isFolder = FileTree.isFolder(path)
        let recipe = isFolder ? path.appending(fileName) : path
        let parent = isFolder ? path : path.removingLastComponent()
        let folder = parent.isEmpty ? FilePath(".") : parent
        let (text, fault) = try text(of: recipe)
        var reading = RecipeReading(files: [], problems: [fault].compactMap(\.self))
        if let text { reading = RecipeParser.read(text, file: recipe.string) }
        var problems = reading.problems
        var form: Form?
        for file in reading.files {
            if let fault = self.fault(of: file, in: folder) {
                problems.append(file.problem(fault, in: recipe.string))
            } else if file.keyPath == "pipeline.form" {
                let (parsed, found) = try self.form(at: folder.appending(file.path))
                form = parsed
                problems += found
            }
        }
        guard var document = reading.document, problems.isEmpty else {
            throw refusal(of: recipe, problems, hidden: reading.hiddenProblems)
        }
        document.form = form
        let packer = try PackerSource.read(document.recipe, in: folder) { document.problem(at: $0, $1) }
        guard packer.problems.isEmpty else { throw refusal(of: recipe, packer.problems, hidden: 0) }
        document.files += (packer.source?.files ?? []).map { RecipeFile(path: $0, keyPath: "from", kind: .either) }
        return (document, folder, recipe.lastComponent?.string ?? fileName)
    }

    /// A list longer than this helps nobody: the rest is counted.
    private static let mostProblems = 250

    private static func refusal(of recipe: FilePath, _ problems: [Problem], hidden: Int) -> RucheError {
        let total = problems.count + hidden
        var shown = Array(problems.prefix(mostProblems))
        if total > shown.count {
            let rest = total - shown.count
            shown.append(
                Problem(
                    file: recipe.string, path: "", message: "and \(rest) more problem\(rest == 1 ? "" : "s") not listed"
                ))
        }
        return RucheError(
            .invalidRecipe, "the recipe \(recipe) has \(total) problem\(total == 1 ? "" : "s")",
            details: ["problems": String(total)], problems: shown)
    }

    /// The files and folders that a recipe names and that are not there, not of the right kind, or lead out of
    /// the folder.
    package static func problems(of document: RecipeDocument, in folder: FilePath) -> [Problem] {
        document.files.compactMap { file in
            fault(of: file, in: folder).map { file.problem($0, in: document.file) }
        }
    }

    private static func text(of path: FilePath) throws -> (text: String?, problem: Problem?) {
        var status = stat()
        guard stat(path.string, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR {
                throw RucheError(
                    .notFound, "there is no recipe at \(path); write one, or name its file or folder",
                    details: ["path": path.string])
            }
            let reason = Errno(rawValue: errno)
            throw RucheError(.invalidRecipe, "the recipe \(path) can't be read: \(reason)", cause: reason)
        }
        // A pipe or a device would never end.
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw RucheError(.invalidRecipe, "the recipe \(path) is not a regular file")
        }
        return try decoded(path, what: "recipe")
    }

    static func decoded(_ path: FilePath, what: String) throws -> (text: String?, problem: Problem?) {
        do {
            return TextLimits.decode(try AtomicFile.read(path, limit: 1 << 20), file: path.string)
        } catch Errno.fileTooLarge {
            return (nil, Problem(file: path.string, path: "", message: "the file is over 1 MiB"))
        } catch let error as Errno {
            throw RucheError(.invalidRecipe, "the \(what) \(path) can't be read: \(error)", cause: error)
        }
    }

    private static func form(at path: FilePath) throws -> (form: Form?, problems: [Problem]) {
        let (text, problem) = try decoded(path, what: "form")
        guard let text else { return (nil, [problem].compactMap(\.self)) }
        return Form.parse(text, file: path.string)
    }

    // MARK: Files beside the recipe

    static func fault(of file: RecipeFile, in folder: FilePath) -> RecipeFile.Fault? {
        let path = folder.appending(file.path)
        var status = stat()
        guard stat(path.string, &status) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { return .unreadable(reason: "\(Errno(rawValue: errno))") }
            // A folder that can't be listed has no names to suggest.
            return .missing(nearby: (try? FileTree.names(in: path.removingLastComponent())) ?? [])
        }
        guard let root = realPath(folder), let real = realPath(path) else {
            return .unreadable(reason: "\(Errno(rawValue: errno))")
        }
        guard isSame(real, orBelow: root) else { return .leavesFolder(link: file.path) }
        switch (status.st_mode & S_IFMT, file.kind) {
        case (S_IFREG, .file), (S_IFREG, .either):
            return access(path.string, R_OK) == 0 ? nil : .unreadable(reason: "\(Errno(rawValue: errno))")
        case (S_IFDIR, .folder), (S_IFDIR, .either):
            return linkThatLeaves(path, relative: file.path, root: root, isFollowed: file.followsLinks)
        case (S_IFDIR, .file): return .notAFile
        case (S_IFREG, .folder): return .notAFolder
        default: return .unreadable(reason: "it is neither a file nor a folder")
        }
    }

    /// Looks through a folder for a symbolic link that leads out of `root`. One that is copied as it is may lead
    /// nowhere.
    private static func linkThatLeaves(
        _ folder: FilePath, relative: String, root: String, isFollowed: Bool
    ) -> RecipeFile.Fault? {
        var pending = [(folder, FilePath(relative).lexicallyNormalized().string)]
        var count = 0
        while let (path, name) = pending.popLast() {
            let names: [String]
            do { names = try FileTree.names(in: path) } catch { return .unreadable(reason: "\(error)") }
            count += names.count
            if count > mostEntries { return .unreadable(reason: "it has more than \(mostEntries) entries") }
            for child in names {
                let (childPath, childName) = (path.appending(child), "\(name)/\(child)")
                var status = stat()
                guard lstat(childPath.string, &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR { pending.append((childPath, childName)) }
                guard status.st_mode & S_IFMT == S_IFLNK else { continue }
                guard stays(childPath, childName, root: root, isFollowed: isFollowed) else {
                    return .leavesFolder(link: childName)
                }
            }
        }
        return nil
    }

    private static func stays(_ link: FilePath, _ name: String, root: String, isFollowed: Bool) -> Bool {
        guard !isFollowed else { return realPath(link).map { isSame($0, orBelow: root) } ?? false }
        // A link that can't be read is told of when the folder is archived.
        guard let target = try? FileTree.linkTarget(link) else { return true }
        return RecipeLink.stays(target: target, depth: FilePath(name).components.filter { $0.kind == .regular }.count)
    }

    private static func realPath(_ path: FilePath) -> String? {
        guard let pointer = realpath(path.string, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    private static func isSame(_ path: String, orBelow root: String) -> Bool {
        path == root || path.hasPrefix(root == "/" ? "/" : root + "/")
    }
}
