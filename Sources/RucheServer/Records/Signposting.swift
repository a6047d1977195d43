import RucheCore
import RucheImages
import RucheService

/// The links by which programs find their way around a record (FAIR Signposting, levels 1 and 2).
struct Signposting {
    struct Link {
        var relation: String
        var target: String
        var type: String?
        var profile: String?
    }

    let view: RecordView

    /// More items than these are in the link set only: a header has its limits.
    private static let mostItems = 20

    /// Of the page: what to cite, what describes it, what it is made of.
    var page: [Link] {
        var links = [
            Link(relation: "cite-as", target: view.citedAs),
            Link(relation: "type", target: "https://schema.org/AboutPage"),
            Link(relation: "type", target: "https://schema.org/SoftwareApplication"),
        ]
        links += view.record.authors.compactMap(RecordView.orcid).map { Link(relation: "author", target: $0) }
        if let license = view.licenseURL { links.append(Link(relation: "license", target: license)) }
        links += RecordFormat.metadata.map { format in
            Link(
                relation: "describedby", target: view.address(of: format), type: Self.bare(format.types[0]),
                profile: format.profile)
        }
        return links + items
    }

    private var items: [Link] {
        view.record.files.compactMap { file in
            view.address(of: file).map { Link(relation: "item", target: $0, type: file.mediaType) }
        }
    }

    private var linkset: Link {
        Link(relation: "linkset", target: view.address(of: .linkset), type: "application/linkset+json")
    }

    /// Level 1 in the header of the page, with the way to level 2.
    var pageHeader: String {
        let links = page
        let isLong = items.count > Self.mostItems
        return Self.header((isLong ? links.filter { $0.relation != "item" } : links) + [linkset])
    }

    /// Of a document about the record.
    var metadataHeader: String {
        Self.header([Link(relation: "describes", target: view.page, type: "text/html"), linkset])
    }

    /// Of a file: the page of what it is a part of.
    static func collection(_ name: EnvironmentName, _ version: ReleaseVersion? = nil) -> String {
        let path = version.map { "/\(name)/\($0)" } ?? "/\(name)"
        return header([Link(relation: "collection", target: path, type: "text/html")])
    }

    /// Level 2: all of it (RFC 9264).
    var document: JSONValue {
        var contexts: [JSONValue] = [Self.context(view.page, page)]
        for format in RecordFormat.metadata {
            let link = Link(relation: "describes", target: view.page, type: "text/html")
            contexts.append(Self.context(view.address(of: format), [link]))
        }
        for item in items {
            let link = Link(relation: "collection", target: view.page, type: "text/html")
            contexts.append(Self.context(item.target, [link]))
        }
        return ["linkset": .array(contexts)]
    }

    private static func context(_ anchor: String, _ links: [Link]) -> JSONValue {
        var object: [String: JSONValue] = ["anchor": .string(anchor)]
        for link in links {
            var target: [String: JSONValue] = ["href": .string(link.target)]
            target["type"] = link.type.map { .string($0) }
            target["profile"] = link.profile.map { .string($0) }
            object[link.relation] = .array((object[link.relation]?.arrayValue ?? []) + [.object(target)])
        }
        return .object(object)
    }

    static func header(_ links: [Link]) -> String {
        links.map { link in
            var text = "<\(quoted(link.target))>; rel=\"\(link.relation)\""
            if let type = link.type { text += "; type=\"\(quoted(bare(type)))\"" }
            if let profile = link.profile { text += "; profile=\"\(quoted(profile))\"" }
            return text
        }.joined(separator: ", ")
    }

    private static func bare(_ type: String) -> String { String(type.prefix { $0 != ";" }) }

    /// Nothing that ends the address or the header.
    private static func quoted(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            let isPlain = (33...126).contains(scalar.value) && !"<>\"\\".unicodeScalars.contains(scalar)
            result += isPlain ? String(scalar) : PercentEncoding.encode(String(scalar))
        }
    }
}
