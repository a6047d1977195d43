import RucheCore

extension Schemas {
    static let releases: [String: JSONValue] = [
        "ReleaseSummaryDocument": SchemaBuilder.object(
            "A release in a list.",
            [
                "name": SchemaBuilder.environmentName, "version": SchemaBuilder.string,
                "digest": SchemaBuilder.digest, "tags": SchemaBuilder.array(SchemaBuilder.string),
                "size": SchemaBuilder.integer, "variants": SchemaBuilder.array(SchemaBuilder.string),
                "isPipeline": SchemaBuilder.boolean, "publishedAt": SchemaBuilder.milliseconds,
            ], optional: ["summary": SchemaBuilder.string, "revokedReason": SchemaBuilder.string]),
        "RevocationRequest": SchemaBuilder.object(
            "Why a release is withdrawn.", ["reason": SchemaBuilder.string]),
        "Recipe": [
            "type": "object", "description": "The recipe as it was checked.",
            "required": ["name", "version", "from"],
        ],
        "ReleaseVariant": SchemaBuilder.object(
            "One form of a release.",
            [
                "format": SchemaBuilder.string, "architecture": SchemaBuilder.string,
                "digest": SchemaBuilder.digest, "size": SchemaBuilder.integer,
            ],
            optional: [
                "provider": SchemaBuilder.string, "checksum": SchemaBuilder.string, "url": SchemaBuilder.string,
            ]),
        "ReleaseArtifact": SchemaBuilder.object(
            "A document stored with a release.",
            [
                "kind": SchemaBuilder.choice(["recipe", "lock", "sbom", "log", "provenance"]),
                "mediaType": SchemaBuilder.string, "digest": SchemaBuilder.digest, "size": SchemaBuilder.integer,
            ]),
        "ReleaseDocument": SchemaBuilder.object(
            "A release.",
            [
                "summary": SchemaBuilder.reference("ReleaseSummaryDocument"),
                "variants": SchemaBuilder.array(SchemaBuilder.reference("ReleaseVariant")),
                "artifacts": SchemaBuilder.array(SchemaBuilder.reference("ReleaseArtifact")),
                "state": SchemaBuilder.choice(["released", "revoked"]), "authors": SchemaBuilder.array(author),
                "keywords": SchemaBuilder.array(SchemaBuilder.string), "downloads": SchemaBuilder.integer,
            ],
            optional: [
                "recipe": SchemaBuilder.reference("Recipe"), "form": SchemaBuilder.map(SchemaBuilder.any),
                "description": SchemaBuilder.string, "license": SchemaBuilder.string,
                "homepage": SchemaBuilder.string,
            ]),
        "TagDocument": SchemaBuilder.object(
            "What a tag names.", ["version": SchemaBuilder.string]),
        "HistoryDocument": SchemaBuilder.object(
            "A layer.", ["createdBy": SchemaBuilder.string, "size": SchemaBuilder.integer],
            optional: ["digest": SchemaBuilder.digest]),
        "PackageChange": SchemaBuilder.object(
            "A package that two releases differ in.",
            ["system": SchemaBuilder.string, "name": SchemaBuilder.string],
            optional: ["before": SchemaBuilder.string, "after": SchemaBuilder.string]),
        "FileChange": SchemaBuilder.object(
            "A file that two releases differ in.",
            ["kind": SchemaBuilder.choice(["added", "removed", "changed"]), "path": SchemaBuilder.string],
            optional: ["sizeBefore": SchemaBuilder.integer, "sizeAfter": SchemaBuilder.integer]),
        "DiffDocument": SchemaBuilder.object(
            "What two releases differ in.",
            [
                "packages": SchemaBuilder.array(SchemaBuilder.reference("PackageChange")),
                "files": SchemaBuilder.array(SchemaBuilder.reference("FileChange")),
                "sizeBefore": SchemaBuilder.integer, "sizeAfter": SchemaBuilder.integer,
            ]),
        "CollectionDocument": SchemaBuilder.object(
            "Result of a garbage collection.",
            [
                "dryRun": SchemaBuilder.boolean, "blobs": SchemaBuilder.integer,
                "cacheEntries": SchemaBuilder.integer, "bytes": SchemaBuilder.integer,
                "digests": SchemaBuilder.array(SchemaBuilder.digest),
            ]),
        "VerificationDocument": SchemaBuilder.object(
            "Result of a verification.",
            [
                "blobs": SchemaBuilder.integer, "bytes": SchemaBuilder.integer,
                "corrupt": SchemaBuilder.array(SchemaBuilder.digest),
                "missing": SchemaBuilder.array(SchemaBuilder.digest),
                "releases": SchemaBuilder.array(SchemaBuilder.string),
                "problems": SchemaBuilder.array(SchemaBuilder.string),
            ]),
        "BuildResultDocument": SchemaBuilder.object(
            "Result of a build.",
            [
                "release": SchemaBuilder.string, "digest": SchemaBuilder.digest,
                "reusedSteps": SchemaBuilder.integer, "builtSteps": SchemaBuilder.integer,
                "seconds": SchemaBuilder.number,
            ]),
    ]

    static let environments: [String: JSONValue] = [
        "EnvironmentDocument": SchemaBuilder.object(
            "An environment.",
            [
                "name": SchemaBuilder.environmentName, "visibility": visibility,
                "authors": SchemaBuilder.array(author), "keywords": SchemaBuilder.array(SchemaBuilder.string),
                "downloads": SchemaBuilder.integer, "createdAt": SchemaBuilder.milliseconds,
                "updatedAt": SchemaBuilder.milliseconds,
            ], optional: said.merging(["mirrorOf": SchemaBuilder.string]) { $1 }),
        "EnvironmentRequest": SchemaBuilder.object(
            "What is said of an environment. What is not given stays; an empty text or list takes it away.", [:],
            optional: said.merging([
                "name": SchemaBuilder.environmentName, "visibility": visibility,
                "authors": SchemaBuilder.array(author), "keywords": SchemaBuilder.array(SchemaBuilder.string),
            ]) { $1 }),
    ]

    private static let visibility = SchemaBuilder.choice(Visibility.allCases.map(\.rawValue))
    static let author = SchemaBuilder.object(
        "A person.", ["name": SchemaBuilder.string],
        optional: ["orcid": SchemaBuilder.string, "email": SchemaBuilder.string])
    private static let said: [String: JSONValue] = [
        "summary": SchemaBuilder.string, "description": SchemaBuilder.string, "license": SchemaBuilder.string,
        "homepage": SchemaBuilder.string,
    ]
}
