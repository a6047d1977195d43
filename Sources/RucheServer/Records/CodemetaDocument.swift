import RucheCore
import RucheImages
import RucheService

/// A record as CodeMeta 3.0.
struct CodemetaDocument {
    let view: RecordView

    var json: JSONValue {
        var object = SchemaDocument(view: view).common
        object["@context"] = "https://w3id.org/codemeta/3.0"
        object["type"] = "SoftwareSourceCode"
        object["id"] = .string(view.citedAs)
        object["author"] = .array(view.creators.map(author))
        object["publisher"] = ["type": "Organization", "name": .string(view.site.publisher)]
        object["identifier"] = .string(view.citedAs)
        object["codeRepository"] = RecordView.link(view.record.homepage).map { .string($0) }
        object["sameAs"] = nil
        object["dateModified"] = .string(RecordView.day(view.record.modifiedAt))
        if let recipe = view.record.files.first(where: { $0.place == .document(.recipe) }) {
            object["buildInstructions"] = view.address(of: recipe).map { .string($0) }
        }
        object["downloadUrl"] = .string(view.page)
        return .object(object)
    }

    private func author(_ author: Recipe.Author) -> JSONValue {
        var object: [String: JSONValue] = [
            "type": view.hasPeople ? "Person" : "Organization", "name": .string(author.name),
        ]
        object["id"] = RecordView.orcid(author).map { .string($0) }
        return .object(object)
    }
}
