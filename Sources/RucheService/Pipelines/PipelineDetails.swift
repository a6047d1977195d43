package import RucheCore
package import RucheImages

/// What a person asks of one pipeline.
package struct PipelineDetails: Sendable {
    package var release: Release
    package var recipe: Recipe
    package var contract: PipelineContract
    package var form: Form
    package var dialect: PackageDialect
    package var documents: [PackageDocumentKind: Descriptor]
}
