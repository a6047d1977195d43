import RucheCore
import RucheImages
import RucheService

extension DataCite {
    /// The form of DataCite's own interfaces.
    var json: JSONValue {
        let record = view.record
        var object: [String: JSONValue] = [
            "schemaVersion": .string(Self.schemaVersion), "creators": .array(view.creators.map(creator)),
            "titles": [["title": .string(view.title)]], "publisher": ["name": .string(view.site.publisher)],
            "publicationYear": .string(view.year),
            "types": ["resourceTypeGeneral": "Software", "resourceType": .string(resourceType)],
            "subjects": .array(subjects.map { ["subject": .string($0)] }),
            "dates": .array(dates.map(date)), "sizes": .array(sizes.map { .string($0) }),
            "formats": .array(formats.map { .string($0) }),
            "descriptions": .array(
                descriptions.map { ["description": .string($0.text), "descriptionType": .string($0.type)] }),
            "relatedIdentifiers": .array(
                related.map {
                    [
                        "relatedIdentifier": .string($0.identifier), "relatedIdentifierType": .string($0.type),
                        "relationType": .string($0.relation),
                    ]
                }),
        ]
        object["doi"] = record.doi.map { .string($0) }
        let alternates = record.doi == nil ? [identifier] + alternates : alternates
        object["alternateIdentifiers"] = .array(
            alternates.map { ["alternateIdentifier": .string($0.text), "alternateIdentifierType": .string($0.type)] })
        object["version"] = record.version.map { .string($0.description) }
        if let license = record.license {
            var rights: [String: JSONValue] = ["rights": .string(license)]
            if let url = view.licenseURL {
                rights["rightsUri"] = .string(url)
                rights["rightsIdentifier"] = .string(license)
                rights["rightsIdentifierScheme"] = "SPDX"
                rights["schemeUri"] = "https://spdx.org/licenses/"
            }
            object["rightsList"] = [.object(rights)]
        }
        return .object(object)
    }

    private func creator(_ author: Recipe.Author) -> JSONValue {
        var object: [String: JSONValue] = [
            "name": .string(author.name), "nameType": view.hasPeople ? "Personal" : "Organizational",
        ]
        if let orcid = RecordView.orcid(author) {
            object["nameIdentifiers"] = [
                [
                    "nameIdentifier": .string(orcid), "nameIdentifierScheme": "ORCID", "schemeUri": "https://orcid.org",
                ]
            ]
        }
        return .object(object)
    }

    private func date(_ date: Date) -> JSONValue {
        var object: [String: JSONValue] = ["date": .string(date.date), "dateType": .string(date.type)]
        object["dateInformation"] = date.information.map { .string($0) }
        return .object(object)
    }
}
