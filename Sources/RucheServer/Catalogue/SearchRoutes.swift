import Hummingbird
import RucheCore
package import RucheService
import RucheWire

/// Search over what the caller may see. Vagrant's clients have `/api/v1/search`.
package struct SearchRoutes: Sendable {
    private let search: SearchService

    package init(_ search: SearchService) { self.search = search }

    package var routes: [Route] {
        var query = [
            "q": "Words; each has to begin a word of a name, description, keyword or author, or be a package's name.",
            "sort": "One of \(Self.list(SearchSort.self)); relevance with words, downloads without.",
            "order": "`asc` or `desc`; `asc` by name, `desc` by everything else, by default.",
            "versions": "`all` for every release, also revoked ones; `newest` by default.",
            "facets": "Values of each facet that are counted, 0 to 100; 10 by default.",
            "cursor": "`next` of the page before.", "limit": "Entries of a page, 1 to 100; 20 by default.",
        ]
        for facet in SearchFacet.allCases {
            query[facet.rawValue] =
                facet == .software
                ? "A package, `NAME` or `NAME==VERSION`; all that are given have to be there."
                : "Repeat it for \(facet.needsAll ? "all of" : "one of") several."
        }
        return [
            Route(
                .get, "/api/v1/catalogue/search", access: .visitor,
                RouteDocumentation(
                    "Looks for releases, and counts what they could be narrowed down by.", query: query,
                    response: "SearchDocument"), handler: answer)
        ]
    }

    private func answer(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        var query = SearchQuery(
            owners: context.caller.releaseOwners, limit: try request.integer("limit", in: 1...100) ?? 20,
            facetValues: try request.integer("facets", in: 0...100) ?? 10)
        query.text = request.query("q")
        query.cursor = request.query("cursor")
        query.sort = try Self.choice(request, "sort", SearchSort.self)
        query.isReversed = try Self.choice(request, "order", Order.self) == (query.order == .name ? .desc : .asc)
        query.allVersions = try Self.choice(request, "versions", Versions.self) == .all
        for facet in SearchFacet.allCases {
            let values: [String] = request.uri.queryParameters.getAll(facet.rawValue).filter { !$0.isEmpty }
            if !values.isEmpty { query.filters[facet] = values }
        }
        return try .json(SearchDocument(try await search.search(query)))
    }

    private enum Order: String, CaseIterable { case asc, desc }
    private enum Versions: String, CaseIterable { case newest, all }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ request: Request, _ name: String, _ type: Choice.Type
    ) throws -> Choice? {
        guard let text = request.query(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw Request.invalidQuery(name, text, allowed: "one of \(list(type))")
        }
        return choice
    }

    private static func list<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> String {
        type.allCases.map(\.rawValue).joined(separator: ", ")
    }
}

extension SearchDocument {
    package init(_ result: SearchResult) {
        self.init(
            items: result.hits.map { SearchHitDocument($0) }, total: result.total,
            facets: SearchFacet.allCases.compactMap { facet in
                result.facets[facet].map { values in
                    SearchFacetDocument(name: facet, values: values.map { .init(value: $0.value, count: $0.count) })
                }
            }, next: result.next)
    }
}

extension SearchHitDocument {
    init(_ hit: SearchHit) {
        self.init(name: hit.name, version: hit.version, digest: hit.digest, downloads: hit.downloads)
        (summary, license, keywords) = (hit.shown.summary, hit.shown.license, hit.shown.keywords)
        (providers, formats) = (hit.shown.providers, hit.shown.formats)
        (architectures, os) = (hit.shown.architectures, hit.shown.os)
        (publishedAt, createdAt) = (hit.publishedAt, hit.createdAt)
        revokedReason = hit.shown.revokedReason
    }
}
