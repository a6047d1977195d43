import RucheCore
import RucheImages
import RucheService

/// A record as an RO-Crate 1.1 whose files are on the web.
struct CrateDocument {
    let view: RecordView
    private var record: CatalogueRecord { view.record }

    var json: JSONValue {
        [
            "@context": "https://w3id.org/ro/crate/1.1/context",
            "@graph": .array([descriptor, root] + people + [publisher, license] + files),
        ]
    }

    private var descriptor: JSONValue {
        [
            "@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": ["@id": "./"],
            "conformsTo": ["@id": "https://w3id.org/ro/crate/1.1"],
        ]
    }

    private var root: JSONValue {
        var object: [String: JSONValue] = [
            "@id": "./", "@type": "Dataset", "name": .string(view.title),
            "description": .string(view.plainDescription),
            "datePublished": .string(RecordView.time(record.publishedAt)),
            "dateModified": .string(RecordView.time(record.modifiedAt)), "identifier": .string(view.citedAs),
            "url": .string(view.page), "publisher": ["@id": .string(publisherID)],
            "author": one(view.creators.indices.map { ["@id": .string(personID($0))] }),
        ]
        object["license"] = ["@id": .string(licenseID)]
        let parts: [JSONValue] = files.compactMap { file in file["@id"].map { ["@id": $0] } }
        if !parts.isEmpty { object["hasPart"] = one(parts) }
        object["version"] = record.version.map { .string($0.description) }
        if !record.keywords.isEmpty { object["keywords"] = .string(record.keywords.joined(separator: ", ")) }
        object["creativeWorkStatus"] = record.revocation.map { .string("Revoked: \($0.reason)") }
        return .object(object)
    }

    /// Nothing that is alone is a list: validators object.
    private func one(_ values: [JSONValue]) -> JSONValue { values.count == 1 ? values[0] : .array(values) }

    private func personID(_ index: Int) -> String {
        RecordView.orcid(view.creators[index]) ?? "#author-\(index + 1)"
    }

    private var people: [JSONValue] {
        var seen: Set<String> = []
        return view.creators.indices.compactMap { index in
            guard seen.insert(personID(index)).inserted else { return nil }
            var person: [String: JSONValue] = [
                "@id": .string(personID(index)), "@type": view.hasPeople ? "Person" : "Organization",
                "name": .string(view.creators[index].name),
            ]
            if !view.hasPeople { person["url"] = .string(view.environmentPage) }
            return .object(person)
        }
    }

    private var publisherID: String { "\(view.origin)/" }
    private var publisher: JSONValue {
        [
            "@id": .string(publisherID), "@type": "Organization", "name": .string(view.site.publisher),
            "url": .string(publisherID),
        ]
    }

    private var licenseID: String { view.licenseURL ?? "#license" }

    /// A licence must be said; that none is known is said too.
    private var license: JSONValue {
        [
            "@id": .string(licenseID), "@type": "CreativeWork",
            "name": .string(record.license ?? "No licence is stated"),
            "description": .string(
                record.license.map { "The licence \($0)" } ?? "Ask who published it what is allowed"),
        ]
    }

    private var files: [JSONValue] {
        var seen: Set<String> = []
        return record.files.compactMap { file in
            guard let address = view.address(of: file), seen.insert(address).inserted else { return nil }
            var object: [String: JSONValue] = [
                "@id": .string(address), "name": .string(file.name), "encodingFormat": .string(file.mediaType),
                "description": .string(file.architecture.map { "\(file.format), \($0)" } ?? file.format),
            ]
            if case .document = file.place {
                object["@type"] = "File"
            } else {
                object["@type"] = ["File", "SoftwareApplication"]
                object["operatingSystem"] = "Linux"
                object["url"] = .string(address)
                object["softwareVersion"] = record.version.map { .string($0.description) }
                object["processorRequirements"] = file.architecture.map { .string($0) }
            }
            object["sdDatePublished"] = .string(RecordView.time(record.publishedAt))
            object["contentSize"] = file.size.map { .string(String($0)) }
            object["sha256"] = file.digest.map { .string($0.hex) }
            return .object(object)
        }
    }
}
