package import RucheCore
package import SystemPackage

/// How a build that was asked for differs from the usual one.
package struct BuildOptions: Hashable, Sendable {
    /// The recipe's path in the folder that was sent.
    package var recipeFile: String
    package var noCache = false
    package var refresh = false

    package init(recipeFile: String) { self.recipeFile = recipeFile }
}

/// What a build reads, done by the parts that know how.
package struct BuildInputs: Sendable {
    /// Unpacks the tar of a recipe folder. Throws `invalid_archive` for anything that could leave the folder.
    package var unpack: @Sendable (FilePath, _ folder: FilePath) async throws -> Void
    /// Checks a recipe and the files it reads. Throws `invalid_recipe` with every problem.
    package var load: @Sendable (_ recipe: FilePath) async throws -> Recipe

    package init(
        unpack: @escaping @Sendable (FilePath, FilePath) async throws -> Void,
        load: @escaping @Sendable (FilePath) async throws -> Recipe
    ) {
        self.unpack = unpack
        self.load = load
    }
}
