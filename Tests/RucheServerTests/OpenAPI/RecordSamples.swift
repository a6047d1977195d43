import RucheCore
import RucheWire
import Testing

/// Documents about records with every member set, by the names of their schemas.
enum RecordSamples {
    static func all() throws -> [(String, any Encodable)] {
        let name = try #require(EnvironmentName("lab/x"))
        var doi = DOIDocument(doi: "10.5072/r1", release: "lab/x:1.0", wanted: "findable", updatedAt: 1)
        (doi.state, doi.failure) = ("draft", "f")
        return [
            (
                "IdentifierDocument",
                IdentifierDocument(ark: "ark:/99999/v1", name: name, version: ReleaseVersion("1.0"))
            ),
            ("DOIDocument", doi), ("DOIRequest", DOIRequest(state: "draft")),
        ]
    }
}
