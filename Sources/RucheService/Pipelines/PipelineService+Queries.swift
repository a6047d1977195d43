import RucheBuild
package import RucheCore
import RucheHost
package import RucheImages

extension PipelineService {
    /// Pipelines of the catalogue by name, newest first. A page may hold fewer than `limit`, and more follow.
    package func list(
        cursor: String?, text: String?, limit: Int, isVisible: (EnvironmentName) -> Bool
    ) async throws -> CataloguePage {
        var cursor = cursor
        while true {
            let page = try await catalogue.list(cursor: cursor, name: nil, text: text, limit: limit)
            let entries = page.entries.filter { $0.isPipeline && isVisible($0.name) }
            if !entries.isEmpty || page.next == nil { return CataloguePage(entries: entries, next: page.next) }
            cursor = page.next
        }
    }

    /// A pipeline whole. Throws `invalid_input` for a release that is none.
    package func show(_ reference: ReleaseReference) async throws -> PipelineDetails {
        let release = try await catalogue.resolve(reference)
        guard let recipe = try ReleaseAnnotation.recipe(of: release), let contract = recipe.pipeline else {
            throw RucheError(
                .invalidInput,
                "\(release.name):\(release.version) is no pipeline: its recipe has no \"pipeline:\" section")
        }
        return PipelineDetails(
            release: release, recipe: recipe, contract: contract, form: ReleaseAnnotation.form(of: release) ?? Form(),
            dialect: release.index.annotations?[ReleaseAnnotation.packageDialect]
                .flatMap { PackageDialect(rawValue: $0) } ?? .release,
            documents: try await PackageDocuments(content: catalogue.content).read(release))
    }

    /// A release of the catalogue that can run here as a pipeline. Throws `invalid_input` for one that is none, with
    /// everything that is wrong in its contract, and `unsupported` for one of another architecture.
    func installed(_ reference: ReleaseReference) async throws -> InstalledPipeline {
        let pipeline = try await show(reference)
        let release = pipeline.release
        let problems = pipeline.contract.problems(file: RecipeFolder.fileName)
        guard problems.isEmpty else {
            throw RucheError(
                .invalidInput, "the contract of \(release.name):\(release.version) is not valid", problems: problems)
        }
        let images = release.index.manifests.filter { $0.artifactType == nil }
        guard images.contains(where: { [nil, installer.architecture].contains($0.platform?.architecture) }) else {
            throw RucheError(
                .unsupported,
                "\(release.name):\(release.version) has no image for \(installer.architecture), which this machine is")
        }
        return InstalledPipeline(release, isNew: false, findings: [])
    }

    /// A document. Throws `not_found`.
    package func document(_ kind: String, of reference: ReleaseReference) async throws -> Descriptor {
        let pipeline = try await show(reference)
        guard let kind = PackageDocumentKind(rawValue: kind), let blob = pipeline.documents[kind] else {
            let known = pipeline.documents.keys.map(\.rawValue).sorted().joined(separator: ", ")
            throw RucheError(
                .notFound,
                "\(pipeline.release.name):\(pipeline.release.version) has no document \"\(kind.prefix(40))\": it has \(known.isEmpty ? "none" : known)"
            )
        }
        return blob
    }

    /// Removes a pipeline. Throws `invalid_state` while a job that is not over needs it.
    package func remove(_ reference: ReleaseReference) async throws {
        _ = try await show(reference)
        try await catalogue.remove(reference)
    }
}
