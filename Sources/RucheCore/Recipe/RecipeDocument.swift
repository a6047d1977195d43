/// A recipe together with where each part of it was written.
package struct RecipeDocument: Sendable {
    package var recipe: Recipe
    /// The file, as the user named it.
    package var file: String
    /// Where the value of each key path stands.
    package var places: [String: Place]
    /// Files and folders the recipe reads, with their places.
    package var files: [RecipeFile]
    /// The checked form of the pipeline; nil until it was read from its file.
    package var form: Form?

    /// A problem at the place of a key path, or of the nearest key above it.
    package func problem(at path: String, _ message: String, found: String? = nil, allowed: String? = nil) -> Problem {
        var known = path
        while places[known] == nil, let end = known.lastIndex(where: { $0 == "." || $0 == "[" }) {
            known = String(known[..<end])
        }
        let place = places[known]
        return Problem(
            file: file, line: place?.line, column: place?.column, path: path, message: message, found: found,
            allowed: allowed)
    }
}

/// Everything one reading of a recipe found: the document when it is right, and in any case the files it
/// names and the problems.
package struct RecipeReading: Sendable {
    package var document: RecipeDocument?
    package var files: [RecipeFile]
    package var problems: [Problem]
    /// Problems that were found besides those of the list.
    package var hiddenProblems: Int

    package init(
        document: RecipeDocument? = nil, files: [RecipeFile] = [], problems: [Problem] = [], hiddenProblems: Int = 0
    ) {
        self.document = document
        self.files = files
        self.problems = problems
        self.hiddenProblems = hiddenProblems
    }
}
