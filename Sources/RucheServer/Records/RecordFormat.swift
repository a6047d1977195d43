import RucheCore
import RucheImages
import RucheService

/// A form in which a record is told.
enum RecordFormat: String, CaseIterable, Sendable {
    case page = "index.html"
    case schema = "schema.jsonld"
    case dataciteJSON = "datacite.json"
    case dataciteXML = "datacite.xml"
    case crate = "ro-crate-metadata.json"
    case codemeta = "codemeta.json"
    case csl = "csl.json"
    case bibtex = "citation.bib"
    case text = "citation.txt"
    case linkset = "linkset.json"

    /// The media type, with its parameters; then others by which it may be asked for.
    var types: [String] {
        switch self {
        case .page: ["text/html"]
        case .schema: ["application/ld+json", "application/vnd.schemaorg.ld+json"]
        case .dataciteJSON: ["application/vnd.datacite.datacite+json"]
        case .dataciteXML: ["application/vnd.datacite.datacite+xml"]
        case .crate: ["application/ld+json;profile=\"https://w3id.org/ro/crate\""]
        case .codemeta: ["application/vnd.codemeta.ld+json"]
        case .csl: ["application/vnd.citationstyles.csl+json"]
        case .bibtex: ["application/x-bibtex", "text/x-bibtex"]
        case .text: ["text/x-bibliography", "text/plain"]
        case .linkset: ["application/linkset+json"]
        }
    }

    var contentType: String {
        switch self {
        case .page: "text/html; charset=utf-8"
        case .bibtex: "application/x-bibtex; charset=utf-8"
        case .text: "text/plain; charset=utf-8"
        default: types[0]
        }
    }

    /// What the document says it follows, for `profile` of a link.
    var profile: String? {
        switch self {
        case .schema: "https://schema.org/"
        case .dataciteJSON, .dataciteXML: "http://datacite.org/schema/kernel-4"
        case .crate: "https://w3id.org/ro/crate"
        case .codemeta: "https://w3id.org/codemeta/3.0"
        default: nil
        }
    }

    /// For people.
    var title: String {
        switch self {
        case .page: "This page"
        case .schema: "Schema.org (JSON-LD)"
        case .dataciteJSON: "DataCite (JSON)"
        case .dataciteXML: "DataCite (XML)"
        case .crate: "RO-Crate"
        case .codemeta: "CodeMeta"
        case .csl: "Citation (CSL-JSON)"
        case .bibtex: "Citation (BibTeX)"
        case .text: "Citation (text)"
        case .linkset: "Links (FAIR Signposting)"
        }
    }

    /// Those that describe the thing, rather than show it or list links.
    static var metadata: [RecordFormat] { allCases.filter { $0 != .page && $0 != .linkset } }
}
