import Testing

@testable import RucheServer

@Suite struct AcceptedTypesTests {
    private static func format(_ header: String?) -> RecordFormat? {
        AcceptedTypes(header).best(RecordFormat.allCases, \.types)
    }

    @Test func theBestOfferIsFound() {
        let cases: [(String?, RecordFormat?)] = [
            (nil, .page), ("", .page), ("*/*", .page), ("text/html", .page), ("application/ld+json", .schema),
            ("application/ld+json;profile=\"https://w3id.org/ro/crate\"", .crate),
            ("application/ld+json;profile=\"https://w3id.org/ro/crate\", application/ld+json;q=0.5", .crate),
            ("application/vnd.datacite.datacite+xml", .dataciteXML),
            ("application/vnd.datacite.datacite+json;q=0.4, application/vnd.datacite.datacite+xml;q=0.6", .dataciteXML),
            ("text/html;q=0.1, application/x-bibtex", .bibtex), ("text/*;q=0.5, text/html;q=0.1", .bibtex),
            ("*/*;q=0.1, text/html;q=0", .schema), ("text/html;q=0", nil), ("image/png", nil),
            ("application/json", nil), ("nonsense", nil), ("text/html;q=nonsense", nil),
            ("TEXT/HTML", .page), ("text/html;level=1", nil),
            (String(repeating: "a/b,", count: 5000) + "text/html", nil),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8", .page),
        ]
        for (header, wanted) in cases { #expect(Self.format(header) == wanted, "\(header ?? "none")") }
    }

    @Test func browsersAreTold() {
        #expect(AcceptedTypes("text/html,*/*;q=0.8").prefersPages)
        #expect(!AcceptedTypes("*/*").prefersPages && !AcceptedTypes("application/json").prefersPages)
    }
}
