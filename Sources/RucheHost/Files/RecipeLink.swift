/// The rule for symbolic links that travel with a recipe.
package enum RecipeLink {
    /// True when a link to `target`, `depth` names below the recipe's folder (its own counted), can't leave the
    /// folder whatever other links it goes through: `../` less often than it is deep, then plain names.
    package static func stays(target: String, depth: Int) -> Bool {
        guard !target.isEmpty, !target.hasPrefix("/") else { return false }
        let parts = target.split(separator: "/").filter { $0 != "." }
        let ups = parts.prefix { $0 == ".." }.count
        return ups < depth && !parts.dropFirst(ups).contains("..")
    }
}
