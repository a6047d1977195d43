package import RucheCore
package import SystemPackage

/// The requirement and constraint files of a pip step, with those that they include.
package enum RequirementFiles {
    /// Paths beside the recipe, in normal form, sorted. `locate` gives the place of one and may refuse it. Throws
    /// `invalid_recipe` for one that can't be read, and when there are too many.
    package static func all(of step: PipStep, locate: (FilePath) throws -> FilePath) throws -> [String] {
        var pending = [step.requirements, step.constraints].compactMap { $0 }.map { (path: FilePath($0), by: $0) }
        var found: Set<String> = []
        while let next = pending.popLast() {
            let path = next.path.lexicallyNormalized()
            guard found.insert(path.string).inserted else { continue }
            guard found.count <= RequirementFile.limit else {
                throw RucheError(
                    .invalidRecipe, "\"\(next.by)\" includes more than \(RequirementFile.limit) requirement files")
            }
            let folder = path.removingLastComponent()
            for name in RequirementFile.includes(try text(path, by: next.by, locate)) {
                pending.append((folder.pushing(FilePath(name)), path.string))
            }
        }
        return found.sorted()
    }

    private static func text(
        _ path: FilePath, by includer: String, _ locate: (FilePath) throws -> FilePath
    ) throws -> String {
        do {
            return String(decoding: try AtomicFile.read(try locate(path), limit: 4 << 20), as: UTF8.self)
        } catch let error as Errno {
            throw RucheError(
                .invalidRecipe, "can't read \"\(path)\", which \"\(includer)\" names: \(error)", cause: error)
        }
    }
}
