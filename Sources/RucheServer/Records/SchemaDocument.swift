import RucheCore
import RucheImages
import RucheService

/// A record in the words of schema.org, with what Bioschemas asks of a tool.
struct SchemaDocument {
    let view: RecordView
    private var record: CatalogueRecord { view.record }

    var json: JSONValue {
        var object: [String: JSONValue] = [
            "@context": ["https://schema.org/", ["dct": "http://purl.org/dc/terms/"]],
            "@type": "SoftwareApplication", "@id": .string(view.citedAs),
            "dct:conformsTo": ["@id": "https://bioschemas.org/profiles/ComputationalTool/1.0-RELEASE"],
            "applicationCategory": "Software environment",
        ]
        for (key, value) in common { object[key] = value }
        object["distribution"] = .array(record.files.compactMap(distribution))
        object["interactionStatistic"] = [
            "@type": "InteractionCounter", "interactionType": "https://schema.org/DownloadAction",
            "userInteractionCount": .integer(record.downloads),
        ]
        if record.version != nil {
            object["isPartOf"] = ["@type": "CreativeWork", "@id": .string(view.resolver(record.environmentARK))]
        }
        if record.isRevoked { object["creativeWorkStatus"] = .string("Revoked: \(record.revocation?.reason ?? "")") }
        return .object(object)
    }

    /// What every document that uses schema.org's words says.
    var common: [String: JSONValue] {
        var object: [String: JSONValue] = [
            "name": .string(view.title), "description": .string(view.plainDescription), "url": .string(view.page),
            "identifier": .array(identifiers), "datePublished": .string(view.date),
            "dateModified": .string(RecordView.time(record.modifiedAt)),
            "publisher": ["@type": "Organization", "name": .string(view.site.publisher)],
            "author": .array(view.creators.map(author)), "operatingSystem": "Linux",
        ]
        object["version"] = record.version.map { .string($0.description) }
        object["softwareVersion"] = record.version.map { .string($0.description) }
        object["license"] = (view.licenseURL ?? record.license).map { .string($0) }
        if !record.keywords.isEmpty { object["keywords"] = .array(record.keywords.map { .string($0) }) }
        object["sameAs"] = RecordView.link(record.homepage).map { .string($0) }
        if !record.architectures.isEmpty {
            object["processorRequirements"] = .string(record.architectures.joined(separator: ", "))
        }
        if let base = record.recipe?.from { object["softwareRequirements"] = .string(base.description) }
        return object
    }

    private var identifiers: [JSONValue] {
        var texts = [record.ark.description]
        texts += [record.doi.map { "https://doi.org/\($0)" }, record.swhid, record.digest?.description].compactMap(
            \.self)
        return texts.map { .string($0) }
    }

    func author(_ author: Recipe.Author) -> JSONValue {
        var object: [String: JSONValue] = [
            "@type": view.hasPeople ? "Person" : "Organization", "name": .string(author.name),
        ]
        object["@id"] = RecordView.orcid(author).map { .string($0) }
        return .object(object)
    }

    private func distribution(_ file: RecordFile) -> JSONValue? {
        guard let address = view.address(of: file) else { return nil }
        var object: [String: JSONValue] = [
            "@type": "DataDownload", "name": .string(file.name), "contentUrl": .string(address),
            "encodingFormat": .string(file.mediaType),
        ]
        object["contentSize"] = file.size.map { .string(String($0)) }
        object["sha256"] = file.digest.map { .string($0.hex) }
        return .object(object)
    }
}
