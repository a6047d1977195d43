import RucheCore
import RucheHost
import RucheImages

extension BaseResolver {
    /// Raised when this program takes another disk from the same template.
    private static let packerFormat = "ruche packer 1"

    /// What would be used for a template of Packer. Touches nothing.
    func planPacker(
        _ title: String, _ request: BuildRequest, _ source: SourceFolder, last: String?
    ) async throws -> BuildPlan.PlannedBase {
        let recipe = request.recipe
        let (packer, problems) = try PackerSource.read(recipe, in: source.folder) { path, message in
            Problem(file: request.recipeFile, path: path, message: message)
        }
        guard let packer, problems.isEmpty else {
            throw RucheError(
                .invalidRecipe, "the template of the recipe has \(problems.count) problems", problems: problems)
        }
        if let wanted = request.lock?.base.packer, try source.digest(file: packer.path) != wanted.template {
            throw RucheError(
                .conflict, "the template \(packer.path) is not the one of the lock: build without the lock")
        }
        var content: [String: String] = [:]
        for path in packer.files {
            // Where everything beside a playbook is read, the recipe itself is not.
            content.merge(
                try source.tree(path, modes: true, except: request.recipeFile).mapValues(\.hex)
            ) { $1 }
        }
        let key = try CanonicalJSON.digest([
            Self.packerFormat, configuration.architecture, packer.path,
            try CanonicalJSON.text(recipe.packer ?? PackerContract()), try CanonicalJSON.text(content),
        ]).hex
        var base = BuildPlan.PlannedBase(title: title, key: key, reason: "same as before")
        base.packer = packer
        try await choose(&base, request, last)
        return base
    }
}
