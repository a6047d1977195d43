import Foundation
package import RucheCore
package import RucheImages

/// Our own annotations of a release's index.
///
/// The contract of a pipeline and its form are part of what the release's digest covers, so that they can't
/// change under a version; referrers can.
package enum ReleaseAnnotation {
    /// The checked `Recipe`, as canonical JSON.
    package static let recipe = "vnd.ruche.recipe"
    /// The text of the pipeline's form.json.
    package static let form = "vnd.ruche.form"
    /// The digest of the file that a pipeline was installed from.
    package static let package = "vnd.ruche.package"
    /// The dialect of that file.
    package static let packageDialect = "vnd.ruche.package.dialect"
    static let formLimit = 1 << 20

    /// The recipe as it was checked; nil for an imported image. Throws `corrupt_content` for one that can't be read.
    package static func recipe(of release: Release) throws -> Recipe? {
        guard let text = release.index.annotations?[recipe] else { return nil }
        do {
            return try JSONDecoder().decode(Recipe.self, from: Data(text.utf8))
        } catch {
            throw RucheError(
                .corruptContent, "the recipe that \(release.name):\(release.version) carries can't be read",
                cause: error)
        }
    }

    /// The form as it was checked; nil when there is none.
    package static func form(of release: Release) -> Form? {
        release.index.annotations?[form].flatMap { Form.parse($0, file: "form.json").form }
    }
}
