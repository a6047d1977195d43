package import RucheBuild
package import RucheCore

extension BuildService {
    /// Throws `forbidden` when the caller may not publish what the recipe names, and `not_found` for a base that
    /// the caller may not see.
    package func check(_ request: BuildRequest, for caller: Caller) async throws {
        try caller.require(.publish, on: request.recipe.name.ownerName)
        if case .environment(let base) = request.recipe.from {
            try await catalogue.visibility.require(try ReleaseReference(parsing: base), for: caller)
        }
    }
}
