import Crypto
import RucheCore
import RucheHost
import RucheImages
import RucheStore

/// Makes persistent identifiers from what they name.
struct Identification: Sendable {
    let reader: ReleaseReader

    /// One for ever: the same name gets it again.
    static func row(_ record: EnvironmentRecord) -> IdentifierRow {
        IdentifierRow(
            name: record.name.description, stem: stem("v1", "environment \(record.name)"), mintedAt: record.createdAt)
    }

    /// Of a name, a version and the bytes of its release. `known` is what was made before: the recipe is read once.
    func row(_ release: Release, known: IdentifierRow?) async -> IdentifierRow {
        let stem = Self.stem("r1", "release \(release.name):\(release.version)@\(release.digest)")
        if let known, known.stem == stem, known.swhid != nil { return known }
        var row = IdentifierRow(
            name: release.name.description, version: release.version.description, stem: stem,
            digest: release.digest.description, mintedAt: release.publishedAt * 1000)
        row.swhid = await swhid(release)
        return row
    }

    /// Of the recipe's folder; nil without a recipe, or where it can't be read: nothing is unpublished for that.
    private func swhid(_ release: Release) async -> String? {
        guard let recipe = try? await reader.artifacts(of: release).first(where: { $0.kind == .recipe }) else {
            return nil
        }
        return try? await reader.content.withFile(recipe.blob.digest) { path in
            try GitHasher.directory(tar: path).description
        }
    }

    private static func stem(_ shoulder: String, _ text: String) -> String {
        ARK.stem(shoulder: shoulder, digest: Array(SHA256.hash(data: Array(text.utf8))))
    }
}
