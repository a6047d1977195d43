import RucheCore

extension Schemas {
    static let records: [String: JSONValue] = [
        "IdentifierDocument": SchemaBuilder.object(
            "What a persistent identifier names.", ["ark": SchemaBuilder.string, "name": SchemaBuilder.string],
            optional: ["version": SchemaBuilder.string]),
        "DOIRequest": SchemaBuilder.object(
            "Asks for a DOI.", ["state": SchemaBuilder.choice(["draft", "findable"])]),
        "DOIDocument": SchemaBuilder.object(
            "The DOI of a release.",
            [
                "doi": SchemaBuilder.string, "release": SchemaBuilder.string,
                "wanted": SchemaBuilder.choice(["draft", "findable", "registered"]),
                "updatedAt": SchemaBuilder.milliseconds,
            ], optional: ["state": SchemaBuilder.string, "failure": SchemaBuilder.string]),
    ]
}
