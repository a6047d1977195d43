import RucheCore
import RucheHost
import SystemPackage

/// The requirement and constraint files of a pip step, with those that they include.
enum RequirementFiles {
    /// Paths beside the recipe, sorted. Throws `invalid_recipe` for one that is missing or outside.
    static func all(of step: PipStep, in source: SourceFolder) throws -> [String] {
        var pending = [step.requirements, step.constraints].compactMap { $0 }
        var found: Set<String> = []
        while let path = pending.popLast() {
            let name = FilePath(path).lexicallyNormalized().string
            guard found.insert(name).inserted else { continue }
            guard found.count <= RequirementFile.limit else {
                throw RucheError(
                    .invalidRecipe, "\"\(path)\" includes more than \(RequirementFile.limit) requirement files")
            }
            let text = String(decoding: try AtomicFile.read(try source.locate(name), limit: 4 << 20), as: UTF8.self)
            let folder = FilePath(name).removingLastComponent()
            pending += RequirementFile.includes(text).map { folder.isEmpty ? $0 : folder.appending($0).string }
        }
        return found.sorted()
    }
}
