import RucheCore

extension Schemas {
    static let files: [String: JSONValue] = [
        "FileDocument": SchemaBuilder.object(
            "A file of the site: an uploaded one, or the output of a job.",
            [
                "id": SchemaBuilder.identifier, "owner": SchemaBuilder.string, "name": SchemaBuilder.string,
                "size": SchemaBuilder.integer, "digest": SchemaBuilder.digest, "type": SchemaBuilder.string,
                "origin": SchemaBuilder.choice(["upload", "job"]), "createdAt": SchemaBuilder.milliseconds,
            ],
            optional: [
                "job": SchemaBuilder.identifier, "path": SchemaBuilder.string,
                "companions": SchemaBuilder.array(SchemaBuilder.identifier),
            ]),
        "FileEdit": SchemaBuilder.object(
            "What changes of a file.", [:],
            optional: [
                "name": SchemaBuilder.string, "companions": SchemaBuilder.array(SchemaBuilder.identifier),
            ]),
        "UploadDocument": SchemaBuilder.object(
            "An upload as it is now.",
            [
                "id": SchemaBuilder.identifier, "owner": SchemaBuilder.string, "name": SchemaBuilder.string,
                "type": SchemaBuilder.string, "offset": SchemaBuilder.integer,
                "state": SchemaBuilder.choice(["receiving", "complete", "terminated", "expired"]),
                "createdAt": SchemaBuilder.milliseconds, "expiresAt": SchemaBuilder.milliseconds,
            ],
            optional: [
                "length": SchemaBuilder.integer, "concat": SchemaBuilder.string, "file": SchemaBuilder.identifier,
                "digest": SchemaBuilder.digest,
            ]),
        "DatabaseDocument": SchemaBuilder.object(
            "A reference database.",
            [
                "name": SchemaBuilder.string, "version": SchemaBuilder.string, "digest": SchemaBuilder.digest,
                "size": SchemaBuilder.integer, "files": SchemaBuilder.integer,
                "createdAt": SchemaBuilder.milliseconds,
            ]),
        "DatabaseRequest": SchemaBuilder.object(
            "A folder of the server's machine that becomes a reference database.",
            [
                "name": SchemaBuilder.string, "version": SchemaBuilder.string, "folder": SchemaBuilder.string,
            ]),
        "UsageDocument": SchemaBuilder.object(
            "What an owner keeps here.",
            [
                "owner": SchemaBuilder.string, "files": SchemaBuilder.integer, "fileBytes": SchemaBuilder.integer,
                "uploads": SchemaBuilder.integer, "uploadBytes": SchemaBuilder.integer,
                "releaseBytes": SchemaBuilder.integer,
            ], optional: ["quota": SchemaBuilder.integer]),
        "QuotaRequest": SchemaBuilder.object(
            "Bytes that an owner may keep; null is without limit.", [:], optional: ["bytes": SchemaBuilder.integer]),
    ]
}
