import RucheCore

extension Schemas {
    static let pipelines: [String: JSONValue] = [
        "PipelineFile": SchemaBuilder.object(
            "A document that a pipeline brings for people.",
            [
                "kind": SchemaBuilder.choice(PackageDocumentKind.allCases.map(\.rawValue)),
                "mediaType": SchemaBuilder.string, "size": SchemaBuilder.integer,
            ]),
        "PipelineDocument": SchemaBuilder.object(
            "A pipeline.",
            [
                "name": SchemaBuilder.environmentName, "version": SchemaBuilder.string,
                "digest": SchemaBuilder.digest,
                "dialect": SchemaBuilder.choice(PackageDialect.allCases.map(\.rawValue)),
                "authors": SchemaBuilder.array(SchemaBuilder.string), "job": SchemaBuilder.string,
                "inputs": SchemaBuilder.string, "outputs": SchemaBuilder.string, "logs": SchemaBuilder.string,
                "databases": SchemaBuilder.string, "form": SchemaBuilder.map(SchemaBuilder.any),
                "documents": SchemaBuilder.array(SchemaBuilder.reference("PipelineFile")),
                "publishedAt": SchemaBuilder.milliseconds,
            ],
            optional: [
                "summary": SchemaBuilder.string, "description": SchemaBuilder.string,
                "license": SchemaBuilder.string, "references": SchemaBuilder.array(SchemaBuilder.string),
            ]),
    ]
}
