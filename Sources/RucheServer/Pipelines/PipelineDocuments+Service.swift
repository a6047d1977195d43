import RucheCore
import RucheImages
import RucheService
import RucheWire

extension PipelineDocument {
    init(_ pipeline: PipelineDetails) {
        let files = pipeline.documents.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            Document(kind: $0.key.rawValue, mediaType: $0.value.mediaType, size: $0.value.size)
        }
        self.init(
            name: pipeline.release.name, version: pipeline.release.version, digest: pipeline.release.digest,
            dialect: pipeline.dialect.rawValue, authors: pipeline.recipe.authors.map(\.name),
            contract: pipeline.contract, form: pipeline.form, documents: files,
            publishedAt: pipeline.release.publishedAt * 1000)
        summary = pipeline.recipe.summary
        description = pipeline.recipe.description
        license = pipeline.recipe.license
    }
}
