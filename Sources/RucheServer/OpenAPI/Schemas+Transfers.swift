import RucheCore

extension Schemas {
    static let transfers: [String: JSONValue] = [
        "TransferPlatform": SchemaBuilder.object(
            "What a variant runs on.",
            ["architecture": SchemaBuilder.string, "os": SchemaBuilder.string],
            optional: ["variant": SchemaBuilder.string]),
        "TransferBlob": SchemaBuilder.object(
            "A blob of a release (an OCI descriptor).",
            ["digest": SchemaBuilder.digest, "size": SchemaBuilder.integer, "mediaType": SchemaBuilder.string],
            optional: [
                "artifactType": SchemaBuilder.string, "platform": SchemaBuilder.reference("TransferPlatform"),
                "annotations": SchemaBuilder.map(SchemaBuilder.string),
            ]),
        "TransferDocument": SchemaBuilder.object(
            "A release as one site offers it to another.",
            [
                "name": SchemaBuilder.environmentName, "version": SchemaBuilder.string,
                "digest": SchemaBuilder.digest, "publishedAt": SchemaBuilder.integer,
                "referrers": SchemaBuilder.array(SchemaBuilder.reference("TransferBlob")),
                "attached": SchemaBuilder.array(SchemaBuilder.reference("TransferBlob")),
                "blobs": SchemaBuilder.array(SchemaBuilder.reference("TransferBlob")),
            ],
            optional: [
                "pushed": SchemaBuilder.reference("TransferBlob"), "revokedReason": SchemaBuilder.string,
                "environment": SchemaBuilder.reference("EnvironmentRequest"), "mirrorOf": SchemaBuilder.string,
            ]),
        "BlobListDocument": SchemaBuilder.object(
            "Blobs by their digests.", ["digests": SchemaBuilder.array(SchemaBuilder.digest)]),
        "BlobStateDocument": SchemaBuilder.object(
            "How much of a blob is here.",
            ["offset": SchemaBuilder.integer, "isComplete": SchemaBuilder.boolean]),
    ]
}
