package import RucheCore
package import SystemPackage

/// A template of Packer beside a recipe, with all that it is known to read.
package struct PackerSource: Sendable {
    /// The template's path below the recipe's folder.
    package let path: String
    package let template: PackerTemplate
    /// Values that the recipe and its files give to variables; no secrets.
    package let values: [String: String]
    /// Everything it reads, as far as that can be known, by path below the recipe's folder; sorted.
    package private(set) var files: [String]

    /// Reads the template of a recipe, and says what stands against building it: each problem with its place in the
    /// template, or in the recipe by `problem`. Nil for a recipe without one, or when there is nothing to go on with.
    package static func read(
        _ recipe: Recipe, in folder: FilePath, problem: (_ keyPath: String, _ message: String) -> Problem
    ) throws -> (source: PackerSource?, problems: [Problem]) {
        guard case .packerTemplate(let path) = recipe.from else { return (nil, []) }
        let contract = recipe.packer ?? PackerContract()
        let place = folder.pushing(FilePath(path))
        guard !path.lowercased().hasSuffix(".hcl") else {
            return (nil, [problem("from", "is a template in HCL, and those in JSON are read")])
        }
        let (text, fault) = try RecipeFolder.decoded(place, what: "template")
        guard let text else { return (nil, [fault].compactMap(\.self)) }
        var (template, problems) = PackerTemplate.read(text, file: place.string)
        var values: [String: String] = [:]
        for file in contract.variableFiles {
            let place = folder.pushing(FilePath(file))
            let (text, fault) = try RecipeFolder.decoded(place, what: "file of variables")
            problems += [fault].compactMap(\.self)
            guard let text else { continue }
            let read = PackerVariables.read(text, file: place.string)
            problems += read.problems
            values.merge(read.values) { $1 }
        }
        values.merge(contract.variables) { $1 }
        guard let template else { return (nil, problems) }
        for name in template.unknownNames(contract) {
            var found = problem(name.keyPath, name.message)
            found.allowed = name.allowed
            problems.append(found)
        }
        let parent = FilePath(path).removingLastComponent().string
        let inFolder = parent.isEmpty ? "." : parent
        problems += template.problems(contract, in: inFolder, values: values)
        var source = PackerSource(
            path: path, template: template, values: values,
            files: [path] + contract.variableFiles + contract.files)
        problems += source.add(template.files(in: inFolder, values: values), in: folder, file: place.string)
        source.files = Set(source.files).sorted()
        return (source, problems)
    }

    /// Adds those of the files that the template seems to name which are there.
    private mutating func add(_ named: [PackerTemplate.NamedFile], in folder: FilePath, file: String) -> [Problem] {
        var problems: [Problem] = []
        for name in named {
            let isThere = FileTree.exists(folder.pushing(FilePath(name.path)))
            // A word that is a file's name by chance does no harm, but one that names everything would.
            guard name.isNeeded || (isThere && name.path != ".") else { continue }
            let found = RecipeFile(
                path: name.path, keyPath: name.keyPath, kind: .either, followsLinks: true, place: name.place)
            if let fault = RecipeFolder.fault(of: found, in: folder) {
                problems.append(found.problem(fault, in: file))
            } else {
                files.append(name.path)
            }
        }
        return problems
    }
}
