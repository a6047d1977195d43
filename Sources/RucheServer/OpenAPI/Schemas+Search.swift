import RucheCore

extension Schemas {
    static let search: [String: JSONValue] = [
        "ReleaseFileDocument": SchemaBuilder.object(
            "A file of a variant.",
            [
                "format": SchemaBuilder.string, "architecture": SchemaBuilder.string, "name": SchemaBuilder.string,
                "mediaType": SchemaBuilder.string, "digest": SchemaBuilder.digest, "size": SchemaBuilder.integer,
            ], optional: ["provider": SchemaBuilder.string, "checksum": SchemaBuilder.string]),
        "SoftwarePackage": SchemaBuilder.object(
            "A package in a release.", ["name": SchemaBuilder.string, "version": SchemaBuilder.string],
            optional: ["purl": SchemaBuilder.string, "license": SchemaBuilder.string]),
        "SpaceDocument": SchemaBuilder.object(
            "What things take.",
            [
                "items": SchemaBuilder.array(
                    SchemaBuilder.object(
                        "An owner, an environment, or a release.",
                        [
                            "name": SchemaBuilder.string, "bytes": SchemaBuilder.integer,
                            "uniqueBytes": SchemaBuilder.integer, "sharedBytes": SchemaBuilder.integer,
                        ])), "bytes": SchemaBuilder.integer,
            ]),
        "ScrubDocument": SchemaBuilder.object(
            "Result of a scrub.",
            [
                "isResumed": SchemaBuilder.boolean, "blobs": SchemaBuilder.integer, "bytes": SchemaBuilder.integer,
                "damaged": SchemaBuilder.array(SchemaBuilder.digest),
                "releases": SchemaBuilder.array(SchemaBuilder.string),
            ]),
        "DraftDocument": SchemaBuilder.object(
            "A version that is not released yet.",
            [
                "name": SchemaBuilder.environmentName, "version": SchemaBuilder.string,
                "variants": SchemaBuilder.array(draftVariant), "createdAt": SchemaBuilder.milliseconds,
                "updatedAt": SchemaBuilder.milliseconds,
            ], optional: ["description": SchemaBuilder.string]),
        "SearchDocument": SchemaBuilder.object(
            "A page of what was found.",
            [
                "items": SchemaBuilder.array(SchemaBuilder.reference("SearchHitDocument")),
                "total": SchemaBuilder.integer,
                "facets": SchemaBuilder.array(SchemaBuilder.reference("SearchFacetDocument")),
            ], optional: ["next": SchemaBuilder.string]),
        "SearchHitDocument": SchemaBuilder.object(
            "The newest release of an environment, or the environment itself when it has none.",
            [
                "name": SchemaBuilder.environmentName, "keywords": SchemaBuilder.array(SchemaBuilder.string),
                "providers": SchemaBuilder.array(SchemaBuilder.string),
                "formats": SchemaBuilder.array(SchemaBuilder.string),
                "architectures": SchemaBuilder.array(SchemaBuilder.string),
                "os": SchemaBuilder.array(SchemaBuilder.string), "downloads": SchemaBuilder.integer,
                "publishedAt": SchemaBuilder.milliseconds, "createdAt": SchemaBuilder.milliseconds,
            ],
            optional: [
                "version": SchemaBuilder.string, "digest": SchemaBuilder.digest, "summary": SchemaBuilder.string,
                "license": SchemaBuilder.string, "revokedReason": SchemaBuilder.string,
            ]),
        "SearchFacetDocument": SchemaBuilder.object(
            "The values of a facet with the most hits.",
            [
                "name": SchemaBuilder.choice(SearchFacet.allCases.map(\.rawValue)),
                "values": SchemaBuilder.array(
                    SchemaBuilder.object(
                        "A value and how many hits have it.",
                        ["value": SchemaBuilder.string, "count": SchemaBuilder.integer])),
            ]),
    ]

    private static let draftVariant = SchemaBuilder.object(
        "A box of a draft.",
        [
            "provider": SchemaBuilder.string, "architecture": SchemaBuilder.string,
            "isDefault": SchemaBuilder.boolean,
        ],
        optional: [
            "digest": SchemaBuilder.digest, "size": SchemaBuilder.integer, "checksum": SchemaBuilder.string,
            "url": SchemaBuilder.string,
        ])
}
