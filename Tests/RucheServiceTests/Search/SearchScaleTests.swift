import RucheCore
import RucheService
import Testing

/// Thousands of documents, compared with what going through all of them gives.
@Suite struct SearchScaleTests {
    private static let systems = ["debian 11", "debian 12", "ubuntu"]
    private static let providers = ["oci", "lxd", "libvirt", "virtualbox"]

    private static func documents(_ count: Int) -> [SearchSite.Document] {
        (0..<count).map { number in
            SearchSite.Document(
                name: "lab\(number % 40)/tool-\(number)", words: "common word\(number % 97)",
                facets: [
                    .os: [systems[number % 3]], .provider: [providers[number % 4], providers[(number / 4) % 4]],
                    .keyword: ["k\(number % 7)", "l\(number % 5)"],
                ], packages: ["p\(number % 11)=1.\(number % 3)"], isPublic: number % 10 != 0,
                publishedAt: Int64(number))
        }
    }

    private static func matches(_ document: SearchSite.Document, _ query: SearchQuery, except: SearchFacet?) -> Bool {
        for (facet, wanted) in query.filters where facet != except {
            let has = document.facets[facet] ?? []
            guard facet.needsAll ? wanted.allSatisfy(has.contains) : wanted.contains(where: has.contains) else {
                return false
            }
        }
        return true
    }

    private static func query() -> SearchQuery {
        var query = SearchQuery(owners: .only([]), limit: 100, facetValues: 100)
        query.text = "comm"
        query.filters = [.os: ["debian 12", "ubuntu"], .keyword: ["k1", "l2"]]
        query.sort = .updated
        return query
    }

    private static func count(
        _ facet: SearchFacet, _ documents: [SearchSite.Document], _ query: SearchQuery
    ) -> [String: Int] {
        var counts: [String: Int] = [:]
        for document in documents where matches(document, query, except: facet.needsAll ? nil : facet) {
            for value in Set(document.facets[facet] ?? []) { counts[value, default: 0] += 1 }
        }
        return counts
    }

    /// Names of every page.
    private static func pages(_ site: SearchSite, _ query: SearchQuery, limit: Int) async throws -> [String] {
        var names: [String] = []
        var query = query
        query.limit = limit
        repeat {
            let page = try await site.search.search(query)
            names += page.hits.map(\.name.description)
            query.cursor = page.next
        } while query.cursor != nil
        return names
    }

    @Test func facetsAndPagesAreExact() async throws {
        let documents = Self.documents(3000)
        let visible = documents.filter(\.isPublic)
        let query = Self.query()
        let expected = visible.filter { Self.matches($0, query, except: nil) }.reversed().map(\.name)
        try await SearchSite.with { site in
            try await site.save(documents)
            let result = try await site.search.search(query)
            #expect(result.total == expected.count && !expected.isEmpty)
            for facet in [SearchFacet.os, .provider, .keyword] {
                let found = (result.facets[facet] ?? []).map { ($0.value, $0.count) }
                #expect(
                    Dictionary(uniqueKeysWithValues: found) == Self.count(facet, visible, query), "\(facet)")
            }
            let pages = try await Self.pages(site, query, limit: 7)
            #expect(pages == expected)
        }
    }
}
