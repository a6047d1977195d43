/// Files that make an environment with another program, and what they can't do.
package struct ExportedProject: Hashable, Sendable {
    /// Texts by their path in the folder, besides the recipe's own files.
    package var files: [String: String] = [:]
    /// What is left to whoever uses them, in words.
    package var notes: [String] = []

    package init() {}
}

/// One recipe of a chain: an environment, or one that it starts from.
package struct RecipePart: Hashable, Sendable {
    package var recipe: Recipe
    /// Where its files are in the exported folder; empty for the folder itself.
    package var folder: String
    /// Requirement and constraint files of its pip steps, with those that they include, by the number of the step.
    package var requirements: [Int: [String]]

    package init(recipe: Recipe, folder: String, requirements: [Int: [String]] = [:]) {
        self.recipe = recipe
        self.folder = folder
        self.requirements = requirements
    }

    /// The path of one of its files in the exported folder.
    func path(_ name: String) -> String { folder.isEmpty ? name : "\(folder)/\(name)" }

    /// Its own name for the files that an export adds.
    func scriptName(_ step: Int) -> String { path("ruche-steps/\(step + 1).script") }
}

extension [RecipePart] {
    /// What the lowest one starts from, when that is no environment.
    var base: BaseReference? { first?.recipe.from }

    /// The suite of a Debian base.
    var suite: String? {
        if case .debian(let suite)? = base { return suite }
        return nil
    }
}
