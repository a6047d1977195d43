import RucheCore
import RucheService

/// A record in the fifteen elements of Dublin Core.
struct DublinCore {
    let view: RecordView

    var element: Markup {
        let elements = pairs.map { "<dc:\($0.name)>\($0.value)</dc:\($0.name)>" as Markup }
        return """
            <oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" \
            xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
            xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ \
            http://www.openarchives.org/OAI/2.0/oai_dc.xsd">\(elements)</oai_dc:dc>
            """
    }

    private var pairs: [(name: String, value: String)] {
        let record = view.record
        var pairs = [("title", view.title)]
        pairs += view.creators.map { ("creator", $0.name) }
        pairs += record.keywords.map { ("subject", $0) }
        pairs += DataCite(view: view).descriptions.map { ("description", $0.text) }
        pairs += [("publisher", view.site.publisher), ("date", view.date), ("type", "Software")]
        pairs += DataCite(view: view).formats.map { ("format", $0) }
        pairs += [("identifier", view.citedAs), ("identifier", record.ark.description), ("identifier", view.page)]
        if let swhid = record.swhid { pairs.append(("source", swhid)) }
        pairs.append(("relation", view.resolver(record.environmentARK)))
        if let license = record.license { pairs.append(("rights", view.licenseURL ?? license)) }
        return pairs
    }
}
