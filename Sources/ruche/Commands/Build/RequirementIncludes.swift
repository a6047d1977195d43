import RucheCore
import RucheHost
import SystemPackage

/// The requirement files of pip that others include, which travel with the recipe.
enum RequirementIncludes {
    /// `path` and every file that it includes, by their paths below `folder`.
    static func all(from path: String, in folder: FilePath) throws -> Set<String> {
        var pending = [FilePath(path).lexicallyNormalized()]
        var found: Set<String> = []
        while let next = pending.popLast() {
            guard found.insert(next.string).inserted else { continue }
            guard found.count <= RequirementFile.limit else {
                throw RucheError(
                    .invalidRecipe, "\"\(path)\" includes more than \(RequirementFile.limit) requirement files")
            }
            let text: String
            do {
                text = String(decoding: try AtomicFile.read(folder.pushing(next), limit: 4 << 20), as: UTF8.self)
            } catch let error as Errno {
                throw RucheError(
                    .invalidRecipe, "can't read \"\(next)\", which \"\(path)\" includes: \(error)", cause: error)
            }
            let parent = next.removingLastComponent()
            pending += RequirementFile.includes(text).map { parent.appending($0).lexicallyNormalized() }
        }
        return found
    }
}
